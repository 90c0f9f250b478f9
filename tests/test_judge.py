"""Correct code is never a mismatch, however it is written; where nothing could be seen, the verdict says so.

BACKPROOF_PROBLEMS=200 tries that many random problems of each kind, in place of 10.
"""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from plain import EQUATIONS, Mistake, PlainSide, from_step, one_weight_gradient_off, prime, sigmoid
from planted import faults
from problems import DTYPES, REGIMES, draw

from compare import judge as judge_module
from compare.precision import FLOAT64, TF32, Precision
from compare.side import ScratchSide
from compare.verdict import Outcome, Verdict

catches, test_a_planted_fault_is_caught = faults("compare")
PROBLEMS = int(os.environ.get("BACKPROOF_PROBLEMS", "10"))
MARGIN = 0.75  # of the bound is the most that correct code may use: a sum of one or two products comes to 0.63
SIDES = {"scratch": ScratchSide, "plain": PlainSide}
both_dtypes = pytest.mark.parametrize("dtype", DTYPES)
both_sides = pytest.mark.parametrize("name", SIDES)
gamma, bounds = Precision.gamma, judge_module.bounds
MASK = {"float32": (np.uint32, 0xFFFFE000)}  # leaves the ten bits after the point that TF32 has
all_right = property(lambda verdict: Outcome.MATCH)


def worst_of(problems, side):
    """(ratio, tensor, problem) of the largest ratio; correct code must not be taken for wrong on the way."""
    worst = (0.0, None, None)
    for problem in problems:
        verdict = problem.verdict(side(problem.start(), problem.cost, problem.eta))
        assert verdict.first_divergence is None, f"{problem}: {verdict.first_divergence}"
        assert verdict.diverged_at is None, f"{problem}: step {verdict.diverged_at} is not finite"
        worst = max([worst, *((r, str(key), str(problem)) for key, r in verdict.worst.items())])
    return worst


def narrow(seed, dtype):
    """A network of layers of one or two neurons: the fewest roundings, so that they come nearest to their bound."""
    rng = np.random.default_rng([seed, 3])
    sizes = tuple(int(n) for n in rng.integers(1, 3, rng.integers(2, 6)))
    return replace(draw(seed, "N(0,1)", dtype), sizes=sizes, m=64, K=8)


@catches("all bounds 0", "tolerance._dz", lambda w, b, a, da, p: np.zeros((*a.shape[:2], w.shape[1])), **{
    "regime": "N(0,1)", "dtype": "float64", "name": "plain"
})
@both_sides
@both_dtypes
@pytest.mark.parametrize("regime", REGIMES)
def test_correct_code_is_never_a_mismatch_and_uses_less_than_the_margin_of_its_bounds(regime, dtype, name):
    worst = worst_of((draw(seed, regime, dtype) for seed in range(PROBLEMS)), SIDES[name])
    assert worst[0] <= MARGIN, f"worst ratio {worst[0]:.3f}, of {worst[1]} in problem {worst[2]}"


@catches("a u that is twice too small", "precision.Precision.gamma", lambda p, n: gamma(p, n) / 2, dtype="float64", name="plain")
@catches("a u that is twice too large", "precision.Precision.gamma", lambda p, n: gamma(p, n) * 2, dtype="float64", name="plain")
@both_sides
@both_dtypes
def test_in_the_narrowest_networks_rounding_uses_up_half_of_the_bound(dtype, name):
    worst = worst_of((narrow(seed, dtype) for seed in range(40)), SIDES[name])
    assert 0.4 <= worst[0] <= MARGIN, f"worst ratio {worst[0]:.3f}, of {worst[1]} in problem {worst[2]}"
