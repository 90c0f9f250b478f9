"""Names the mistake: the hypotheses that explain all that was observed, and the equations that are to blame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from compare.check.cases import MOST_INPUTS
from compare.check.examine import Examination, failing_cases
from compare.check.finding import one_by_one
from compare.check.readings import Asked, Reading, readings
from compare.check.subject import FORM, FORWARD, GRADIENT, SHOWN_BY, UPDATE, Subject
from compare.diagnosis.blame import Charge, charges, read_off
from compare.diagnosis.hypotheses import CLOSE, Hypothesis, explained, fact, pairs, singles
from compare.diagnosis.judging import expect
from compare.diagnosis.mistake import MISTAKES

FEW = 3  # names that still help
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
    charges     the equations that do not hold between the implementation's own values
    reading     the cost with which the hypotheses explain them
    """

    hypotheses: list[Hypothesis] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    reading: Reading | None = None


def diagnose(examination: Examination, subject: Subject) -> Diagnosis:
    """The simplest hypotheses that explain it, and the equations that are to blame.

    One mistake is looked for with every cost, the one that the gradient turned out to be of, or the stated one, first;
    two mistakes with that one only.
    """
    if examination.of_single_precision:
        return Diagnosis()
    blamed, asked = blame(examination, subject), complete(examination)
    if not asked:
        return Diagnosis(charges=blamed)
    (first, *others), single = costs(examination), singles(asked[0][0].L)
    searches: list[tuple[Reading, Sequence[Hypothesis]]] = [(reading, single) for reading in (first, *others)]
    searches += [(first, two) for two in _pairs(examination, blamed)]
    partly = None
    for reading, hypotheses in searches:
        found, functions = _explaining(examination, hypotheses, reading.asked(asked))
        diagnosis = Diagnosis(found, blamed, reading)
        if found and set(examination.wrong) <= functions:
            return diagnosis
        partly = partly or (diagnosis if found else None)
    return partly or Diagnosis(charges=blamed)


def costs(examination: Examination) -> list[Reading]:
    """The cost of the gradient, if that is right; or else the stated one and, unless that is strict, the others."""
    part = examination.parts.get(GRADIENT)
    if examination.strict:
        return [examination.stated]
    return [part.reading] if part and part.fits else readings(examination.stated, (1,))


def _explaining(
    examination: Examination, hypotheses: Sequence[Hypothesis], asked: Asked
) -> tuple[list[Hypothesis], set[str]]:
    """The hypotheses that explain the most functions of what is wrong, and these functions."""
    parts = {function: SHOWN_BY[function] for function in examination.parts}
    facts = [fact(case, observed, parts) for case, observed in asked]
    found = {hypothesis: explained(hypothesis, facts, examination.wrong) for hypothesis in hypotheses}
    for scope in SCOPES:
        functions = set(scope) & set(parts)
        explaining = [hypothesis for hypothesis, explains in found.items() if functions <= explains]
        if explaining and functions & set(examination.wrong):
            return _simplest(explaining), functions
    return [], set()


def complete(examination: Examination) -> Asked:
    """The small cases in which every function answered.

    Where σ saturates, right ways of writing it differ by all of their digits: it is left out, but where it alone fails.
    """
    alone = failing_cases(examination) == ["saturated"]
    return [
        (case, observed)
        for name, (case, observed) in examination.asked.items()
        if case.sizes[0] <= MOST_INPUTS
        and (alone or name != "saturated")
        and observed.shown()
        and not any(fault.kind in FORM - {"shape"} for fault in observed.faults)
    ]


def _simplest(found: list[Hypothesis]) -> list[Hypothesis]:
    """Those with the mistake in every layer; and of those in one layer only, what is made in another function."""
    everywhere = [hypothesis for hypothesis in found if all(made.layer is None for made in hypothesis)]
    known = _functions(everywhere)
    others = [hypothesis for hypothesis in found if not known & _functions([hypothesis])]
    return everywhere + others if len(everywhere + others) <= FEW or not everywhere else everywhere


def _functions(found: Sequence[Hypothesis]) -> set[str]:
    """The functions that the mistakes are made in."""
    equations = {equation for hypothesis in found for made in hypothesis for equation in made.mistake.equations}
    return {function for function, of in EQUATIONS_OF.items() if equations & of}


def _pairs(examination: Examination, blamed: Sequence[Charge]) -> Iterator[Sequence[Hypothesis]]:
    """Two mistakes in the equations that are to blame; then any two that could show where something is wrong."""
    possible = [mistake for mistake in MISTAKES.values() if set(mistake.equations) & _possible(examination)]
    equations = {equation for charge in blamed for equation in MADE_IN[charge.key.equation]}
    likely = [mistake for mistake in possible if set(mistake.equations) <= equations]
    yield (first := pairs(likely))
    tried = set(first)
    yield [pair for pair in pairs(possible) if pair not in tried]


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
            least = CLOSE[case.x.dtype.name]  # the same sums are taken otherwise one by one
        if not observed.trace.nabla_w and observed.trace.after is not None:
            asked = [(one, read_off(one, shown)) for one, shown in asked]
        (_, whole), *alone = asked
        if found := charges(case, whole, expect(case), [shown for _, shown in alone], least):
            return found
    return []
