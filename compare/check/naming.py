"""Names the mistake: the hypotheses that explain all that was observed, and the equations that are to blame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from compare.check.examine import Examination, failing_cases
from compare.check.finding import one_by_one
from compare.check.readings import Asked
from compare.check.subject import FORM, FORWARD, GRADIENT, SHOWN_BY, UPDATE, Subject
from compare.diagnosis.blame import Charge, charges, read_off
from compare.diagnosis.hypotheses import CLOSE, Hypothesis, explained, fact, pairs, singles
from compare.diagnosis.judging import expect
from compare.diagnosis.mistake import MISTAKES

MOST_INPUTS = 100  # of a case that is small enough for thousands of hypotheses
MOST_ALONE = 10  # examples that are asked about one by one
# What a hypothesis may have to explain: all that is shown, or what some of the functions show where others work the
# same quantity out for themselves, and otherwise.
SCOPES = ((FORWARD, GRADIENT, UPDATE), (GRADIENT, UPDATE), (FORWARD,), (GRADIENT,), (UPDATE,))


# Where a mistake can be made that breaks an equation of a charge, or a function.
MADE_IN = {
    "a = σ(z)": {"z = wa + b", "a = σ(z)"},
    "BP1": {"∂C/∂a", "σ′", "BP1"},
    "BP2": {"σ′", "BP2"},
    "BP3": {"∂C/∂a", "BP3"},  # a factor of the mini-batch may be on either
    "BP4": {"∂C/∂a", "BP4"},
    "SGD": {"SGD w", "SGD b"},
}
EQUATIONS_OF = {
    FORWARD: MADE_IN["a = σ(z)"],
    GRADIENT: {equation for name in ("BP1", "BP2", "BP3", "BP4") for equation in MADE_IN[name]},
    UPDATE: MADE_IN["SGD"],
}


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
    asked, blamed = complete(examination), blame(examination, subject)
    parts = {function: SHOWN_BY[function] for function in examination.parts}
    facts = [fact(case, observed, parts) for case, observed in asked]
    for hypotheses in _by_simplicity(examination, blamed) if facts else ():
        found = {hypothesis: explained(hypothesis, facts, examination.wrong) for hypothesis in hypotheses}
        for scope in SCOPES:
            functions = set(scope) & set(parts)
            explaining = [hypothesis for hypothesis, explains in found.items() if functions <= explains]
            if explaining and functions & set(examination.wrong):
                return Diagnosis(_everywhere(explaining), tuple(functions), blamed)
    return Diagnosis(charges=blamed)


def complete(examination: Examination) -> Asked:
    """The small cases in which every function answered, with the cost that the gradient turned out to be of."""
    part = examination.parts.get(GRADIENT)
    reading = part.reading if part and part.fits and not examination.strict else examination.stated
    return [
        (case, observed)
        for case, observed in reading.asked(list(examination.asked.values()))
        if case.sizes[0] <= MOST_INPUTS and not any(fault.kind in FORM - {"shape"} for fault in observed.faults)
    ]


def _everywhere(found: list[Hypothesis]) -> list[Hypothesis]:
    """Those with the mistake in every layer, if there are such."""
    return [hypothesis for hypothesis in found if all(made.layer is None for made in hypothesis)] or found


def _by_simplicity(examination: Examination, blamed: Sequence[Charge]) -> Iterator[Sequence[Hypothesis]]:
    """One mistake; two in the equations that are to blame; any two that could show where something is wrong."""
    L = next(iter(examination.asked.values()))[0].L
    yield singles(L)
    possible = [mistake for mistake in MISTAKES.values() if set(mistake.equations) & _possible(examination)]
    equations = {equation for charge in blamed for equation in MADE_IN[charge.key.equation]}
    likely = [mistake for mistake in possible if set(mistake.equations) <= equations]
    yield pairs(likely)
    yield pairs(possible)


def _possible(examination: Examination) -> set[str]:
    """The equations of the functions that are wrong: what is right does not come from two mistakes."""
    return {equation for function in examination.wrong for equation in EQUATIONS_OF[function]}


def blame(examination: Examination, subject: Subject) -> list[Charge]:
    """The equations that fail in the first case that shows a failure."""
    for name in failing_cases(examination):
        case, observed = examination.asked[name]
        asked, least = [(case, observed)], 0.0
        if not observed.trace.deltas and case.m <= MOST_ALONE:
            asked += [(one, subject.observe(one)) for one in one_by_one(case)]
        if not observed.trace.nabla_w and observed.trace.after is not None:
            asked, least = [(one, read_off(one, shown)) for one, shown in asked], CLOSE[case.x.dtype.name]
        (_, whole), *alone = asked
        if found := charges(case, whole, expect(case), [shown for _, shown in alone], least):
            return found
    return []
