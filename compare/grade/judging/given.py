"""What holds with the values of a submission's own σ and σ′: no check is failed for a mistake in what it builds on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from compare.check.elementwise import Z
from compare.check.evidence import idle
from compare.check.extremes import answers, moderate
from compare.check.readings import Asked, Reading, readings, with_shared
from compare.check.report import CheckReport
from compare.check.subject import FORWARD, GRADIENT, Subject
from compare.diagnosis.blame import charges
from compare.diagnosis.case import Case, Observed, one_by_one
from compare.diagnosis.derivation import Derivation, Planted
from compare.grade.judging.exactly import CLOSE, exactly
from compare.grade.judging.own import Own

NEARLY = 1e-9  # of activations, where differences are none
WILD = 50.0  # weights: with such ones some functions make much of rounding
UPDATE_ROW = "SGD"
SINGLE = 1e-6  # of a product in float32, whose rounding takes 1e-7
BP = {"BP1", "BP2", "BP3", "BP4"}
ROWS = {"σ(z)": "sigmoid", "σ′(z)": "sigmoid_prime"}


@dataclass(frozen=True)
class Given:
    """The checks that hold with the values that are wrong before them, and a reason for each; and those that do not.

    Where δ is read off a wrong ∇b, it is the others that seem wrong; with its own values, BP3 alone is.
    """

    holds: Mapping[str, str] = field(default_factory=dict)
    fails: frozenset[str] = frozenset()


def wrong_functions(report: CheckReport) -> list[str]:
    """sigmoid and sigmoid_prime, where they are wrong and something else is, too, that may come of it.

    A sigmoid_prime that takes the activation is, if it is given z.
    """
    wrong = [check.equation for check in report.checks if check.verdict == "wrong"]
    of_a = {function.name for function in report.elementwise if function.of_a}
    found = [name for row, name in ROWS.items() if row in wrong or name in of_a]
    return found if len(found) < len({*wrong, *of_a}) else []


def given(
    report: CheckReport, subject: Subject, own: Mapping[bytes, Own], cases: Sequence[Case], stated: Reading
) -> Given:
    """Of a report in which one of the two functions is wrong."""
    with np.errstate(all="ignore"):  # any numbers can come
        wrong = wrong_functions(report)
        finite = {digest: one for digest, one in own.items() if np.isfinite(one.largest)} or own
        mild = [case for case in cases if case.digest in finite and max(np.abs(w).max() for w in case.weights) < WILD]
        known = [(case, subject.observe(case), finite[case.digest]) for case in mild]
        holds: dict[str, str] = {}
        if wrong == list(ROWS.values()) and _follows(subject):
            holds["sigmoid_prime"] = "right, given the values of your sigmoid"
        reason = f"right, given the values of your {' and '.join(wrong)}"
        if "sigmoid" in wrong and _forward([(observed, one.activations) for _, observed, one in known]):
            holds[FORWARD] = reason
        fails = _failing(report, subject, known[0], stated, wrong) if known else None
        if fails is None:
            return Given(holds)
        if UPDATE_ROW not in fails:
            holds["update"] = reason
        of_a = {function.name for function in report.elementwise if function.of_a}
        return Given(holds | dict.fromkeys(BP - fails, reason), frozenset(fails & BP | of_a))


def _failing(
    report: CheckReport, subject: Subject, known: tuple[Case, Observed, Own], stated: Reading, wrong: Sequence[str]
) -> set[str] | None:
    """The equations of backprop that fail; none, if others are charged without its own values, and not more of them."""
    case, observed, one = known
    charged = BP & {check.equation for check in report.checks if check.verdict == "wrong"}
    if any((fault.kind, fault.function) == ("not finite", GRADIENT) for fault in report.faults):
        charged = BP
    part = report.examination.parts.get(GRADIENT)
    alone = [(example, subject.observe(example)) for example in one_by_one(case)] if part and charged else []
    if not (part and charged and (observed.trace.deltas or all(shown.trace.nabla_b for _, shown in alone))):
        return None
    names = [name for name, (other, _) in report.examination.asked.items() if other.digest == case.digest]
    here = replace(part, judged={name: part.judged[name] for name in names})
    idle_ones = {name for name in charged if idle(name, here, report.examination.asked)}
    primes = one.primes if _tells_of(one, observed, wrong) else [a * (1 - a) for a in one.activations]
    possible = [reading.asked([(case, observed), *alone]) for reading in with_shared(readings(stated))]
    fails = min((_charged(asked, one.activations, primes) for asked in possible), key=len) | idle_ones
    fails = fails & (BP | {UPDATE_ROW}) | _unseen(fails, observed)
    return fails if len(fails & BP) < len(charged) or charged < fails else None


def _unseen(fails: set[str], observed: Observed) -> set[str]:
    """BP3, where ∇b is all that is known of δ, and no equation holds with that."""
    return {"BP3"} if BP - {"BP3"} <= fails and not observed.trace.deltas else set()


def _tells_of(one: Own, observed: Observed, wrong: Sequence[str]) -> bool:
    """Whether its own σ′ tells backpropagation from what is none.

    Of a σ′ of one number everywhere nobody sees whether it is used. Where σ is made of straight lines, the cost is a
    polynomial of each parameter, and difference quotients are exact; δ is not so easily come by.
    """
    return any(map(_tells, one.primes)) and not ("sigmoid" in wrong and one.straight and not observed.trace.deltas)


def _follows(subject: Subject) -> bool:
    """Whether sigmoid_prime is σ(1 − σ) of the σ that sigmoid gives, where e⁻ᶻ does not overflow."""
    near = moderate(Z)
    (a, *_), (values, *_) = (answers(subject, name, Z) for name in ROWS.values())
    if a is None or values is None:
        return False
    single = np.array_equal(a, a.astype(np.float32))
    return _tells(values[near]) and exactly(values[near], a[near] * (1 - a[near]), SINGLE if single else NEARLY)


def _forward(shown: Sequence[tuple[Observed, Sequence[np.ndarray]]]) -> bool:
    """Whether the output is shown, and all that is are those activations. One number everywhere shows nothing."""
    outputs = [observed.trace.activations[-1] for observed, _ in shown if observed.trace.activations]
    complete = len(outputs) == len(shown) and all(a is not None for a in outputs)
    return complete and any(map(_tells, outputs)) and all(_shows(*one) for one in shown)


def _shows(observed: Observed, activations: Sequence[np.ndarray]) -> bool:
    pairs = list(zip(observed.trace.activations, activations, strict=True))
    return all(a is None or exactly(a[0], right, NEARLY) for a, right in pairs)


def _charged(asked: Asked, activations: Sequence[np.ndarray], primes: Sequence[np.ndarray]) -> set[str]:
    (case, observed), *examples = asked
    planted = [
        Planted("a = σ(z)", lambda step, l, right: activations[l - 1]),
        Planted("σ′", lambda step, l, right: primes[l - 1]),
    ]
    expected = Derivation(planted).observe(case).trace
    alone = [shown for _, shown in examples]
    return {charge.key.equation for charge in charges(case, observed, expected, alone, CLOSE, primes)}


def _tells(values: np.ndarray) -> bool:
    return bool(np.ptp(values) > 0)
