"""The trajectory: some steps of a submission's own update, each judged from the parameters that it began with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from compare.check.readings import Reading
from compare.diagnosis.case import Case, Observed, Shown
from compare.diagnosis.judging import ratios, reference, update_difference, with_absolute_sigmoid
from compare.grade.questions import going_on
from compare.precision import PRECISIONS
from compare.ratio import Comparison
from compare.tolerance import bounds
from compare.trace import Weights


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


def walk(cases: Sequence[Case], answers: Sequence[Observed], reading: Reading) -> Walk:
    """Judge the steps, by the cost whose gradient the update goes down."""
    begun = list(_begun(cases, answers, reading))
    whole = [k for k, (_, o) in enumerate(begun) if going_on(cases[0], o) is not None]
    broken = None if len(whole) == len(cases) else len(whole) + 1
    if not whole:
        return Walk(None, 1, 0.0, [], [])
    r, own = _judged([begun[k] for k in whole])
    wrong = next((k + 1 for k, worst in enumerate(r) if not worst <= 1), None)
    right = own if wrong is None else right_costs([reading.case(case) for case in cases])
    return Walk(wrong, broken, float(max(r)), own, right)


def _begun(cases: Sequence[Case], answers: Sequence[Observed], reading: Reading) -> list[tuple[Case, Observed]]:
    """Each step's case with the parameters that it began with, up to the first that did not end."""
    found: list[tuple[Case, Observed]] = []
    for case, observed in zip(cases, answers, strict=False):
        begun = going_on(case, found[-1][1]) if found else case
        if begun is None:
            break
        found.append((reading.case(begun), observed))
    return found


def _judged(steps: Sequence[tuple[Case, Observed]]) -> tuple[list[float], list[float]]:
    """The largest r of each step, all judged at once, and the costs before them."""
    case = steps[0][0]
    precision = PRECISIONS[case.x.dtype.name]
    both = with_absolute_sigmoid(precision) + precision
    before, actual = _stacked([one for one, _ in steps]), _after([observed for _, observed in steps])
    x, y = np.stack([one.x for one, _ in steps]), np.stack([one.y for one, _ in steps])
    expected = reference(case.sizes, case.factor, case.x.dtype).trace(before, x, y, case.scale)
    with np.errstate(all="ignore"):
        bound = bounds(before, x, y, expected, case.factor, both, case.scale)
        compared, keys = Comparison(before, actual, expected, bound, case.eta, both), Observed(actual).shown()
        worst = [
            max(float(ratios(*update_difference(compared, key, k, own=False)).max()) for key in keys)
            for k in range(len(steps))
        ]
    return worst, [float(c) for c in expected.cost]


def _after(answers: Sequence[Observed]) -> Shown:
    """The parameters after each step, as one trace."""
    ends = [observed.trace.after for observed in answers if observed.trace.after]
    after = Weights([], [])
    for name in ("weights", "biases"):
        setattr(
            after, name, [np.concatenate(layer) for layer in zip(*(getattr(end, name) for end in ends), strict=True)]
        )
    return Shown(after=after)


def right_costs(cases: Sequence[Case]) -> list[float]:
    """The cost before each of some right steps."""
    costs, vectors = [], (cases[0].weights, cases[0].biases)
    net = reference(cases[0].sizes, cases[0].factor, cases[0].x.dtype)
    for case in cases:
        before = Weights([w[None] for w in vectors[0]], [b[None] for b in vectors[1]])
        trace = net.trace(before, case.x[None], case.y[None], case.scale)
        costs.append(float(trace.cost[0]))
        weights = [w - case.eta * n[0] for w, n in zip(vectors[0], trace.nabla_w, strict=True)]
        biases = [b - case.eta * n[0] for b, n in zip(vectors[1], trace.nabla_b, strict=True)]
        vectors = (weights, biases)
    return costs


def _stacked(cases: Sequence[Case]) -> Weights:
    layers = range(cases[0].L)
    weights = [np.stack([case.weights[l] for case in cases]) for l in layers]
    return Weights(weights, [np.stack([case.biases[l] for case in cases]) for l in layers])
