"""The smallest case on which the implementation still fails."""

from __future__ import annotations

from collections.abc import Callable

from compare.check.cases import MOST_INPUTS
from compare.check.examine import Examination
from compare.check.fit import DEPTHS
from compare.check.subject import SHOWN_BY, Subject
from compare.diagnosis.case import Case, Observed
from compare.diagnosis.judging import judge
from compare.diagnosis.shrink import smallest

SECONDS = 1.0
OF_ANY_CASE = {"signature", "input", "arity"}  # faults that no case shows better than another


def smallest_failing(
    examination: Examination, subject: Subject, seconds: float = SECONDS
) -> tuple[Case, Observed] | None:
    """Shrunk from the first case that failed, with what is observed of it. None if none fails when asked again."""
    fails = failing(examination, subject)
    for case, observed in examination.asked.values():
        if case.sizes[0] <= MOST_INPUTS and _wrong(examination, case, observed):
            try:
                fixed = DEPTHS[0] > case.L  # it was asked about fewer layers as it takes no other number of them
                found = smallest(case, fails, keep_layers=fixed, seconds=seconds)
            except ValueError:  # it does not fail again: something is kept from call to call
                continue
            return found, subject.observe(found)
    return None


def failing(examination: Examination, subject: Subject) -> Callable[[Case], bool]:
    """Whether the implementation fails on a case, in one of the functions that failed before."""
    return lambda case: _wrong(examination, case, subject.observe(case))


def _wrong(examination: Examination, case: Case, observed: Observed) -> bool:
    known = {(fault.kind, fault.function) for fault in examination.faults}
    if any(kind in OF_ANY_CASE for kind, _ in known):
        known = set()
    if any((fault.kind, fault.function) in known for fault in observed.faults):
        return True
    names = [name for function, part in examination.parts.items() if not part.fits for name in SHOWN_BY[function]]
    return bool(names) and bool(judge(case, observed, absolute=True).wrong(names))
