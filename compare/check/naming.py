"""Names the mistake: the hypotheses that explain all that was observed, and the equations that are to blame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from compare.check.examine import Examination, failing_cases
from compare.check.finding import one_by_one
from compare.check.readings import Asked, only
from compare.check.subject import FORWARD, GRADIENT, SHOWN_BY, UPDATE, Subject
from compare.diagnosis.blame import Charge, charges
from compare.diagnosis.derivation import N
from compare.diagnosis.hypotheses import Hypothesis, explaining, pairs, singles
from compare.diagnosis.judging import expect

MOST_ALONE = 10  # examples that are asked about one by one
# What a hypothesis may have to explain: all that is shown, or what some of the functions show where others work the
# same quantity out for themselves, and otherwise.
SCOPES = ((FORWARD, GRADIENT, UPDATE), (GRADIENT, UPDATE), (FORWARD,), (GRADIENT,), (UPDATE,))


@dataclass(frozen=True)
class Diagnosis:
    """What explains an implementation that is wrong.

    hypotheses  each of them explains it by itself; more than one is an ambiguity
    functions   those whose values they explain
    charges     the equations that do not hold between the implementation's own values
    """

    hypotheses: list[Hypothesis] = field(default_factory=list)
    functions: tuple[str, ...] = ()
    charges: list[Charge] = field(default_factory=list)


def diagnose(examination: Examination, subject: Subject) -> Diagnosis:
    """The simplest hypotheses that explain it, and the equations that are to blame."""
    asked = complete(examination)
    blamed = blame(examination, subject)
    if not asked:
        return Diagnosis(charges=blamed)
    wrong = {function for function, part in examination.parts.items() if not part.fits}
    for hypotheses in (singles(asked[0][0].L), pairs()):
        for scope in SCOPES:
            functions = tuple(function for function in scope if function in examination.parts)
            if wrong & set(functions) and (found := _explaining(hypotheses, asked, functions)):
                return Diagnosis(found, functions, blamed)
    return Diagnosis(charges=blamed)


def complete(examination: Examination) -> Asked:
    """The cases in which every function showed something, with the cost that the gradient turned out to be of."""
    part = examination.parts.get(GRADIENT)
    reading = part.reading if part else examination.stated
    names = [SHOWN_BY[function] for function in examination.parts]
    return [
        (case, observed)
        for case, observed in reading.asked(list(examination.asked.values()))
        if case.sizes[0] < 100 and all(any(key.name in of for key in observed.shown()) for of in names)
    ]


def _explaining(hypotheses: Sequence[Hypothesis], asked: Asked, functions: Sequence[str]) -> list[Hypothesis]:
    names = [name for function in functions for name in SHOWN_BY[function]]
    shown = [(case, only(observed, names)) for case, observed in asked]
    found = list(explaining(hypotheses, shown, _training_set(shown)))
    everywhere = [hypothesis for hypothesis in found if all(made.layer is None for made in hypothesis)]
    return everywhere or found


def _training_set(asked: Asked) -> float:
    """n, if the gradient is too small by the factor m/n; otherwise any."""
    return N


def blame(examination: Examination, subject: Subject) -> list[Charge]:
    """The equations that fail in the first case that shows a failure."""
    for name in failing_cases(examination):
        case, observed = examination.asked[name]
        alone = None
        if observed.trace.nabla_b and not observed.trace.deltas and case.m <= MOST_ALONE:
            alone = [subject.observe(one) for one in one_by_one(case)]
        if found := charges(case, observed, expect(case), alone):
            return found
    return []
