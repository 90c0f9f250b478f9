"""What the instruments find on the first case that fails, beside the names of the bank."""

from __future__ import annotations

from collections.abc import Iterator

from compare.check.examine import Examination, failing_cases
from compare.check.subject import GRADIENT, UPDATE, Subject
from compare.diagnosis.autograd import bounds_of, expect
from compare.diagnosis.case import Case, Observed, one_by_one
from compare.diagnosis.instruments import Finding, batch, decay, examples, scale, symmetry
from compare.diagnosis.instruments.quantity import rounding

SINGLE = "every difference is of the size of float32's rounding: is something computed in float32, or by differences?"
MOST_FINDINGS = 6  # of an implementation that is wrong everywhere


def findings(examination: Examination, subject: Subject) -> list[Finding]:
    """Sentences on the gradient and the update, if one of them is wrong."""
    wrong = {function for function, part in examination.parts.items() if not part.fits}
    if examination.of_single_precision:
        key = next(key for part in examination.parts.values() for key in part.worst)
        return [Finding("precision", key, SINGLE)]
    if not wrong & {GRADIENT, UPDATE}:
        return []
    found: dict[str, Finding] = {}
    for name in failing_cases(examination):
        case, observed = examination.meant(name)
        for finding in [*_of_case(case, observed), *_of_batch(*examination.asked[name], subject)]:
            found.setdefault(finding.sentence, finding)
        break
    return list(found.values())[:MOST_FINDINGS]


def _of_case(case: Case, observed: Observed) -> Iterator[Finding]:
    expected = expect(case)
    bound = bounds_of(case, rounding(case))
    yield from scale(case, observed, expected, bound)
    yield from decay(case, observed, expected, bound)
    yield from symmetry(case, observed, expected, bound)
    if observed.trace.nabla_w and case.m > 1:
        yield from examples(case, observed, [expect(one) for one in one_by_one(case)])


def _of_batch(case: Case, observed: Observed, subject: Subject) -> list[Finding]:
    return batch(subject, case, observed) if observed.trace.nabla_w and case.m > 1 else []
