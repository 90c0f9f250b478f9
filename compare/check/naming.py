"""Names the mistake: the hypotheses that explain all that was observed, and the equations that are to blame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from compare.check.cases import MOST_INPUTS
from compare.check.examine import Examination, failing_cases
from compare.check.extremes import EXTREME
from compare.check.readings import Asked, Reading, readings
from compare.check.subject import FORM, FORWARD, GRADIENT, SHOWN_BY, UPDATE, Subject
from compare.diagnosis.autograd import expect
from compare.diagnosis.blame import Charge, charges, read_off
from compare.diagnosis.case import one_by_one
from compare.diagnosis.facts import CLOSE, Fact, fact
from compare.diagnosis.hypotheses import Hypothesis, Made, explained, singles
from compare.diagnosis.mistake import MISTAKES
from compare.diagnosis.pairing import pairs

FEW = 3  # names that still help
ALONE = {"float64": 1e-14, "float32": 8e-6}  # of the largest term: the same sums are taken otherwise one by one
MOST_ALONE = 10  # examples that are asked about one by one
# What a hypothesis may have to explain: all that is shown, or what some of the functions show where others work the
# same quantity out for themselves, and otherwise.
SCOPES = ((FORWARD, GRADIENT, UPDATE), (GRADIENT, UPDATE), (FORWARD,), (GRADIENT,), (UPDATE,))


# Where a mistake can be made that a function shows.
EQUATIONS_OF = {
    FORWARD: {"z = wa + b", "a = σ(z)"},
    GRADIENT: {"∂C/∂a", "σ′", "BP1", "BP2", "BP3", "BP4"},
    UPDATE: {"SGD w", "SGD b"},
}


@dataclass(frozen=True)
class Diagnosis:
    """What explains an implementation that is wrong.

    hypotheses  each of them explains it by itself; more than one is an ambiguity
    charges     the equations that do not hold between the implementation's own values
    reading     the cost with which the hypotheses explain them
    functions   those of which they explain all that is shown
    """

    hypotheses: list[Hypothesis] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    reading: Reading | None = None
    functions: frozenset[str] = frozenset()


def diagnose(examination: Examination, subject: Subject) -> Diagnosis:
    """The equations that are to blame, and the simplest hypotheses that explain what is wrong."""
    return named(examination, charged(examination, subject))


def charged(examination: Examination, subject: Subject) -> Diagnosis:
    """The equations that are to blame, alone. None is, where the numbers are those of float32."""
    return Diagnosis(charges=[] if examination.of_single_precision else blame(examination, subject))


def named(examination: Examination, diagnosis: Diagnosis) -> Diagnosis:
    """The same with the simplest hypotheses that explain what is wrong: these take by far the longest to find.

    One mistake is looked for with every cost, the one that the gradient turned out to be of, or the stated one, first;
    two mistakes with that one only, and in small cases. None is, where the numbers are nearly right.
    """
    asked, possible = complete(examination), costs(examination)
    if examination.of_single_precision or not asked:
        return diagnosis
    if any(_right(examination, reading.asked(asked)) for reading in possible):
        return diagnosis
    partly = None
    small = all(case.sizes[0] <= MOST_INPUTS for case, _ in asked)
    for search, reading in [*((_singles, reading) for reading in possible), *([(_pairs, possible[0])] * small)]:
        facts = _facts(examination, reading.asked(asked))
        found, functions = _explaining(examination, search(examination, facts), facts)
        one = replace(diagnosis, hypotheses=found, reading=reading, functions=frozenset(functions))
        if found and set(examination.wrong) <= functions:
            return one
        partly = partly or (one if found else None)
    return partly or diagnosis


def _right(examination: Examination, asked: Asked) -> bool:
    """Whether it is off by less than what tells mistakes apart: then each that changes nothing would explain it."""
    return set(examination.wrong) <= explained((), _facts(examination, asked), examination.wrong)


def _singles(_: Examination, facts: Sequence[Fact]) -> Sequence[Hypothesis]:
    return singles(facts[0].case.L)


def _pairs(examination: Examination, facts: Sequence[Fact]) -> Sequence[Hypothesis]:
    """Each of the two in all its layers, and neither of them before the first function that is wrong."""
    before = list(takewhile(lambda function: function not in examination.wrong, examination.parts))
    return list(pairs([Made(mistake) for mistake in MISTAKES.values()], facts[0], before, examination.wrong))


def costs(examination: Examination) -> list[Reading]:
    """The cost of the gradient, if that is right; or else the stated one and, unless that is strict, the others.

    The stated one only, if the gradient of some layer is right by that. The last of them, where δ is shown, with a δ
    that is divided by m already.
    """
    part = examination.parts.get(GRADIENT)
    if examination.strict:
        return [examination.stated]
    if part and (part.fits or any(r <= 1 for key, r in part.worst.items() if key.name in ("nabla_b", "nabla_w"))):
        found = [part.reading]
    else:
        found = readings(examination.stated, (1,))
    shared = part and not part.fits and any(key.name == "deltas" for key in part.worst)
    return [*found, replace(examination.stated, shared=True)] if shared else found


def _explaining(
    examination: Examination, hypotheses: Sequence[Hypothesis], facts: Sequence[Fact]
) -> tuple[list[Hypothesis], set[str]]:
    """The hypotheses that explain the most functions of what is wrong, and these functions."""
    found = {hypothesis: explained(hypothesis, facts, examination.wrong) for hypothesis in hypotheses}
    for scope in SCOPES:
        functions = set(scope) & set(examination.parts)
        explaining = [hypothesis for hypothesis, explains in found.items() if functions <= explains]
        if explaining and functions & set(examination.wrong):
            return _simplest(explaining), functions
    return [], set()


def _facts(examination: Examination, asked: Asked) -> list[Fact]:
    parts = {function: SHOWN_BY[function] for function in examination.parts}
    return [fact(case, observed, parts) for case, observed in asked]


def complete(examination: Examination) -> Asked:
    """The cases in which every function answered, but for those that are costly: unless it fails in no other.

    Where σ saturates, right ways of writing it differ by all of their digits. A large case takes long to compute.
    """
    failing = set(failing_cases(examination))
    costly = {name for name, (case, _) in examination.asked.items() if case.sizes[0] > MOST_INPUTS} | {EXTREME}
    left_out = costly - failing if failing <= costly else costly
    return [
        (case, observed)
        for name, (case, observed) in examination.asked.items()
        if name not in left_out
        and observed.shown()
        and not any(fault.kind in FORM - {"shape"} for fault in observed.faults)
    ]


def _simplest(found: list[Hypothesis]) -> list[Hypothesis]:
    """Those with the mistake in every layer; and of those in one layer only, what is made in another function."""
    everywhere = [hypothesis for hypothesis in found if all(made.layer is None for made in hypothesis)]
    known = _functions(everywhere)
    others = [hypothesis for hypothesis in found if not known & _functions([hypothesis])]
    simplest = everywhere + others if len(everywhere + others) <= FEW or not everywhere else everywhere
    return list({frozenset(hypothesis): hypothesis for hypothesis in simplest[::-1]}.values())[::-1]  # in one order


def _functions(found: Sequence[Hypothesis]) -> set[str]:
    """The functions that the mistakes are made in."""
    equations = {equation for hypothesis in found for made in hypothesis for equation in made.mistake.equations}
    return {function for function, of in EQUATIONS_OF.items() if equations & of}


def blame(examination: Examination, subject: Subject) -> list[Charge]:
    """The equations that fail in the first case that shows a failure."""
    for name in failing_cases(examination):
        case, observed = examination.meant(name)
        asked, least = [(case, observed)], 0.0
        if not observed.trace.deltas and case.m <= MOST_ALONE:
            asked += [(one, subject.observe(one)) for one in one_by_one(case)]
            least = ALONE[case.x.dtype.name]
        if not observed.trace.nabla_w and observed.trace.after is not None:
            asked = [(one, read_off(one, shown)) for one, shown in asked]
            least = CLOSE[case.x.dtype.name]
        (_, whole), *alone = asked
        if found := charges(case, whole, expect(case), [shown for _, shown in alone], least):
            return found
    return []
