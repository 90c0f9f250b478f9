"""The trajectory: some steps of a submission's own update, each judged from the parameters that it began with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from compare.check.readings import Reading
from compare.diagnosis.autograd import expect
from compare.diagnosis.case import Case, Observed
from compare.diagnosis.judging import judge
from compare.grade.asking.questions import going_on


@dataclass(frozen=True)
class Walk:
    """What became of the steps.

    wrong     the first step that rounding cannot explain, from 1 on; None if there is none
    broken    the first step that gave no parameters
    worst     the largest r of all steps
    own       the cost before each step; ``expected``: that of a trajectory of right steps from the same start
    """

    wrong: int | None
    broken: int | None
    worst: float
    own: Sequence[float | None]
    expected: Sequence[float | None]


def walk(cases: Sequence[Case], steps: Sequence[tuple[Case, Observed]], reading: Reading) -> Walk:
    """Judge the steps that were begun, by the cost whose gradient the update goes down."""
    whole = [(reading.case(case), o) for case, o in steps if going_on(cases[0], o) is not None]
    broken = None if len(whole) == len(cases) else len(whole) + 1
    if not whole:
        return Walk(None, 1, 0.0, [], [])
    r = [max(judge(case, o, absolute=True, own=False).worst.values()) for case, o in whole]
    own = [float(expect(case).cost[0]) for case, _ in whole]
    wrong = next((k + 1 for k, worst in enumerate(r) if not worst <= 1), None)
    right = own if wrong is None else right_costs([reading.case(case) for case in cases])
    return Walk(wrong, broken, max(r), own, right)


def right_costs(cases: Sequence[Case]) -> list[float]:
    """The cost before each of some right steps, each of which begins where the one before ended."""
    costs, (weights, biases) = [], (cases[0].weights, cases[0].biases)
    for case in cases:
        trace = expect(replace(case, weights=weights, biases=biases))
        costs.append(float(trace.cost[0]))
        weights = [w - case.eta * n[0] for w, n in zip(weights, trace.nabla_w, strict=True)]
        biases = [b - case.eta * n[0] for b, n in zip(biases, trace.nabla_b, strict=True)]
    return costs
