"""What the mistakes that are named say of the checks: which of them they cost, and which they acquit."""

from __future__ import annotations

from collections.abc import Collection

from compare.check.evidence import BEFORE
from compare.check.report import CheckReport
from compare.check.subject import FORWARD, GRADIENT, SHOWN_BY
from compare.diagnosis.hypotheses import Made, derivation_of
from compare.diagnosis.mistake import Mistake
from compare.grade.judging.exactly import CLOSE, exactly
from compare.grade.judging.seen import FUNCTION, Seen
from compare.grade.result import CHECKS
from compare.key import tensor

SLOPE = "σ′"
MADE_IN = {name: (name,) for name in BEFORE} | {SLOPE: ("BP1", "BP2"), "∂C/∂a": ("BP1",)}
MADE_IN |= dict.fromkeys(("z = wa + b", "a = σ(z)"), ("feedforward",)) | dict.fromkeys(("SGD w", "SGD b"), ("update",))


def acquitted(made: Made, passed: Collection[str]) -> bool:
    """Whether a mistake cannot be the student's, as a check that it would cost has passed.

    One that is made in a single layer costs one of its checks, of the equation that it is blamed on.
    """
    if made.layer:
        costs = set(MADE_IN.get(made.mistake.equation, ()))
        return bool(costs) and costs <= set(passed)
    return any(check in passed for equation in _equations(made.mistake) for check in MADE_IN.get(equation, ()))


def _equations(mistake: Mistake) -> set[str]:
    """Those that a mistake costs: the slope of what stands in place of σ is no mistake of its own."""
    return set(mistake.equations) - ({SLOPE} if mistake.equation != SLOPE else set())


def made_in(name: str, report: CheckReport) -> set[str]:
    """The checks in which the mistakes are made that explain all that is shown; every check if there are none.

    Code in which something does not fit raises in most networks; in one whose layers are as wide it shows its numbers.
    """
    diagnosis = report.diagnosis
    made = {e for hypothesis in diagnosis.hypotheses for one in hypothesis for e in _equations(one.mistake)}
    if not made or not made <= set(MADE_IN) or FUNCTION[name] not in diagnosis.functions or name == "trajectory":
        return set(CHECKS)
    return {check for equation in made for check in MADE_IN[equation]}


def explained_elsewhere(name: str, seen: Seen) -> str:
    """Why an equation that does not hold between the values that are shown costs nothing, if it does not.

    Where the activations are not all shown, a mistake in them explains what is wrong after them. One that only backprop
    makes, and feedforward does not, costs the first equation that is wrong.
    """
    made, forward = made_in(name, seen.report), seen.row(FORWARD)
    if forward is None or name in made or FORWARD not in made or not _exactly(seen.report):
        return ""
    first = next((one for one in BEFORE if seen.rows[one].verdict == "wrong"), None)
    if forward.verdict == "right" and name == first:
        return ""
    return "right, given the activations that your code works out"


def _exactly(report: CheckReport) -> bool:
    """Whether one of the explanations gives the gradient that is shown of the first case, to within honest rounding."""
    diagnosis, (asked, *_) = report.diagnosis, report.examination.asked.values()
    if diagnosis.reading is None:
        return False
    case, observed = diagnosis.reading.asked([asked])[0]
    keys = [key for key in observed.shown() if key.name in SHOWN_BY[GRADIENT]]
    return any(
        all(exactly(tensor(observed.trace, key)[0], tensor(made.trace, key)[0], CLOSE) for key in keys)
        for made in (derivation_of(hypothesis).observe(case) for hypothesis in diagnosis.hypotheses)
    )
