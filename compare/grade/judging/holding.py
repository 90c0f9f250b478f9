"""Which equations of backprop hold between a submission's own values, those of its own σ and σ′ among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from compare.check.evidence import BEFORE, idle, only_calls_it_delta
from compare.check.parts import Part
from compare.check.readings import Asked, Reading, readings, with_shared
from compare.check.report import CheckReport
from compare.check.subject import GRADIENT, Subject
from compare.diagnosis.blame import charges
from compare.diagnosis.case import Case, Observed, one_by_one
from compare.diagnosis.derivation import Derivation, Planted
from compare.diagnosis.judging import judge
from compare.grade.judging.exactly import CLOSE
from compare.grade.judging.own import Own

BP, SGD = set(BEFORE), "SGD"


@dataclass(frozen=True)
class Known:
    """A case, what is shown of it and by whom, and what comes of the submission's own σ and σ′ in it."""

    case: Case
    subject: Subject
    observed: Observed
    own: Own


def failing(report: CheckReport, known: Known, stated: Reading, wrong: Sequence[str]) -> set[str] | None:
    """The equations that fail; None, if others are charged without its own values, and not more of them."""
    charged, part = seeming_wrong(report), report.examination.parts.get(GRADIENT)
    if part is None or not charged:
        return None
    asked = [(known.case, known.observed), *((one, known.subject.observe(one)) for one in one_by_one(known.case))]
    if not known.observed.trace.deltas and not all(shown.trace.nabla_b for _, shown in asked[1:]):
        return None
    activations = known.own.activations
    primes = known.own.primes if _tells_of(known, wrong) else [a * (1 - a) for a in activations]
    fails = least_charged(asked, activations, primes, stated)
    fails |= {name for name in charged if _idle(name, part, known)}
    return fails if len(fails & BP) < len(charged) or charged < fails else None


def least_charged(
    asked: Asked, activations: Sequence[np.ndarray], primes: Sequence[np.ndarray], stated: Reading
) -> set[str]:
    """The equations that fail between those values, of a case and its examples, with the cost that suits them best."""
    ways = [_charged(reading.asked(asked), activations, primes) for reading in with_shared(readings(stated))]
    fails = min(ways, key=len)
    return fails | ({"BP3"} if only_calls_it_delta(fails, asked[0][0].L) else set())


def not_finite(report: CheckReport, function: str) -> bool:
    """Whether that function gave NaN or infinity."""
    return any((fault.kind, fault.function) == ("not finite", function) for fault in report.faults)


def seeming_wrong(report: CheckReport) -> set[str]:
    """The equations that fail between the values that are shown, or that give none."""
    if not_finite(report, GRADIENT):
        return BP
    return BP & {check.equation for check in report.checks if check.verdict == "wrong"}


def _idle(name: str, part: Part, known: Known) -> bool:
    here = {"": judge(known.case, known.observed)}
    return idle(name, replace(part, judged=here), {"": (known.case, known.observed)})


def _tells_of(known: Known, wrong: Sequence[str]) -> bool:
    """Whether its own σ′ tells backpropagation from what is none.

    Of a σ′ of one number everywhere nobody sees whether it is used. Where σ is made of straight lines, the cost is a
    polynomial of each parameter, and difference quotients are exact; δ is not so easily come by.
    """
    exact = "sigmoid" in wrong and known.own.straight and not known.observed.trace.deltas
    return any(map(tells, known.own.primes)) and not exact


def _charged(asked: Asked, activations: Sequence[np.ndarray], primes: Sequence[np.ndarray]) -> set[str]:
    """With that cost; of a case and its examples."""
    (case, observed), *examples = asked
    planted = [
        Planted("a = σ(z)", lambda step, l, right: activations[l - 1]),
        Planted("σ′", lambda step, l, right: primes[l - 1]),
    ]
    expected = Derivation(planted).observe(case).trace
    alone = [shown for _, shown in examples]
    charged = charges(case, observed, expected, alone, CLOSE, primes)
    return {charge.key.equation for charge in charged} & (BP | {SGD})


def tells(values: np.ndarray) -> bool:
    """Whether they are not one number everywhere."""
    return bool(np.ptp(values) > 0)
