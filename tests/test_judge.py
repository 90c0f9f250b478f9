"""Correct code is never a mismatch, however it is written; where nothing could be seen, the verdict says so.

BACKPROOF_PROBLEMS=200 tries that many random problems of each kind, in place of 8.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from mistakes import MISTAKES, OTHERWISE
from plain import EQUATIONS, Mistake, PlainSide, prime
from planted import faults
from problems import DTYPES, REGIMES, draw, fixed

from compare.precision import TF32, Precision
from compare.side import ScratchSide
from compare.verdict import Outcome

catches, test_a_planted_fault_is_caught = faults("compare")
PROBLEMS = int(os.environ.get("BACKPROOF_PROBLEMS", "8"))
MARGIN = 0.75  # of its bound is the most that correct code may use; a sum of two products has been seen to use 0.63
SIDES = {"scratch": ScratchSide, "plain": PlainSide}
gamma = Precision.gamma
both_sides = pytest.mark.parametrize("name", SIDES)
both_dtypes = pytest.mark.parametrize("dtype", DTYPES)
in_one = {"dtype": "float64", "name": "plain"}


def worst_of(problems, side):
    """(ratio, tensor, problem) of the largest ratio; correct code must not be taken for wrong on the way."""
    worst = (0.0, "", "")
    for problem in problems:
        verdict = problem.verdict(side(problem.start(), problem.cost, problem.eta))
        assert verdict.first_divergence is None, f"{problem}: {verdict.first_divergence}"
        assert verdict.diverged_at is None, f"{problem}: step {verdict.diverged_at} is not finite"
        worst = max([worst, *((r, str(key), str(problem)) for key, r in verdict.worst.items())])
    return worst


@catches("a bound of 0", "tolerance.d_sigmoid", lambda a, dz, precision: 0 * a, **in_one, regime="over √n")
@both_sides
@both_dtypes
@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.usefixtures("without_shapes")
def test_correct_code_is_never_a_mismatch_and_leaves_a_margin(regime, dtype, name):
    worst = worst_of((draw(seed, regime, dtype) for seed in range(PROBLEMS)), SIDES[name])
    assert worst[0] <= MARGIN, f"worst ratio {worst[0]:.3f}, of {worst[1]} in problem {worst[2]}"


def terms(s, l):
    """The three terms of z, for neurons of two inputs."""
    (a_1, a_2), (w_1, w_2) = s.activations[l - 1].T, s.weights[l].T
    return np.outer(a_1, w_1), np.outer(a_2, w_2), s.biases[l]


ORDERS = {
    "bias last": Mistake("zs", lambda s, l: (terms(s, l)[0] + terms(s, l)[1]) + terms(s, l)[2]),
    "bias first": Mistake("zs", lambda s, l: (terms(s, l)[2] + terms(s, l)[0]) + terms(s, l)[1]),
    "all reversed": Mistake("zs", lambda s, l: (terms(s, l)[2] + terms(s, l)[1]) + terms(s, l)[0]),
}


@catches("a u twice too small", "precision.Precision.gamma", lambda p, n: gamma(p, n) / 2, dtype="float64")
@catches("a u twice too large", "precision.Precision.gamma", lambda p, n: gamma(p, n) * 2, dtype="float64")
@both_dtypes
def test_the_sum_of_two_products_comes_near_to_its_bound_in_one_order_or_another(dtype):
    problems = [fixed("N(0,1)", dtype, sizes=(2, 50), seed=seed, m=400, K=1) for seed in range(6)]
    worst = max(worst_of(problems, partial(PlainSide, mistake=order)) for order in ORDERS.values())
    assert 0.4 <= worst[0] <= MARGIN, f"worst ratio {worst[0]:.3f}, of {worst[1]} in problem {worst[2]}"


@catches(
    "γ the same for any n", "precision.Precision.gamma", lambda p, n: gamma(p, 1), way="z in sequence", dtype="float32"
)
@both_dtypes
@pytest.mark.parametrize("way", OTHERWISE)
def test_correct_code_written_otherwise_is_no_mismatch(way, dtype):
    problems = [fixed("equal", dtype, sizes=(784, 9, 4)), *(draw(seed, "over √n", dtype) for seed in range(2))]
    worst = worst_of(problems, partial(PlainSide, mistake=OTHERWISE[way]))
    assert worst[0] <= MARGIN, f"worst ratio {worst[0]:.3f}, of {worst[1]} in problem {worst[2]}"


def cut(factor):
    """As TF32 has it: ten bits after the point, the others cut off."""
    return (factor.view(np.uint32) & 0xFFFFE000).view(np.float32)


TENSOR_CORES = {
    "zs": lambda s, l: cut(s.activations[l - 1]) @ cut(s.weights[l]).T + s.biases[l],
    "BP2": lambda s, l: cut(s.deltas[l + 1]) @ cut(s.weights[l + 1]) * prime(s.zs[l]),
    "BP4": lambda s, l: cut(s.deltas[l]).T @ cut(s.activations[l - 1]) / s.m,
}


@catches("TF32 taken for float32", "precision.Precision._with_factors", lambda p, gamma: gamma, equation="BP4")
@pytest.mark.parametrize("equation", TENSOR_CORES)
def test_factors_cut_to_ten_bits_are_no_mismatch_if_that_side_is_said_to_use_tf32(equation):
    problem = fixed(dtype="float32", sizes=(50, 20, 4))
    side = PlainSide(problem.start(), problem.cost, problem.eta, Mistake(equation, TENSOR_CORES[equation]))
    judge, block = problem.judge(), problem.block()
    judge.actual_precision = TF32
    judge.block(block, *side.advance(block))
    assert judge.verdict.first_divergence is None, str(judge.verdict.first_divergence)


VACUOUS = {
    "all inputs 0": fixed(inputs="all zero", K=1),
    "all weights 0": fixed("zero", K=1),
    "deep and saturated in float32": fixed("saturated", "float32", sizes=(60, 60, 60, 60, 60, 10), K=1),
}


@catches("power left out", "power.Power.vacuous", False, name="all weights 0")
@catches(
    "E taken for 0", "power.Power.add", lambda power, nabla, bound, most: None, name="deep and saturated in float32"
)
@pytest.mark.parametrize("name", VACUOUS)
def test_where_a_gradient_cannot_be_told_from_0_the_verdict_is_inconclusive(name):
    problem = VACUOUS[name]
    for side in SIDES.values():
        verdict = problem.verdict(side(problem.start(), problem.cost, problem.eta))
        assert verdict.outcome is Outcome.INCONCLUSIVE
        assert any(power.vacuous for power in verdict.powers.values())


@catches("power left out", "power.Power.vacuous", False, name="all weights 0")
@pytest.mark.parametrize("name", VACUOUS)
def test_where_a_gradient_cannot_be_told_from_0_no_mistake_makes_a_match(name):
    problem = VACUOUS[name]
    for what, mistake in MISTAKES.items():
        for layer in mistake.layers(problem.sizes)[:1]:
            verdict = problem.verdict(PlainSide(problem.start(), problem.cost, problem.eta, mistake, layer))
            assert verdict.outcome is not Outcome.MATCH, what


def test_what_is_deep_and_saturated_is_a_match_in_float64():
    problem = replace(VACUOUS["deep and saturated in float32"], dtype="float64")
    assert problem.verdict(ScratchSide(problem.start(), problem.cost, problem.eta)).outcome is Outcome.MATCH


def test_an_update_that_is_too_small_to_change_the_weights_is_inconclusive():
    problem = fixed("saturated", "float32", eta=1e-9)
    verdict = problem.verdict(PlainSide(problem.start(), problem.cost, problem.eta, MISTAKES["b the wrong way"]))
    assert verdict.outcome is Outcome.INCONCLUSIVE


@catches("no second look", "judge.Judge._doubt", lambda *_: None, part=0.6, outcome=Outcome.INCONCLUSIVE)
@catches("errors that never have mean 0", "judge.CHANCE", 1e-300, part=0.6, outcome=Outcome.INCONCLUSIVE)
@catches("errors that always have mean 0", "judge.CHANCE", 1.0, part=0.1, outcome=Outcome.MATCH)
@pytest.mark.parametrize(
    ("part", "outcome"), [(0.1, Outcome.MATCH), (0.6, Outcome.INCONCLUSIVE), (1.5, Outcome.MISMATCH)]
)
def test_between_the_probable_bound_and_the_worst_case_the_verdict_is_inconclusive(part, outcome):
    problem = fixed(sizes=(784, 9, 4))
    error = part * problem.bounds()[1].zs[0][0]
    shifted = Mistake("zs", lambda s, l: EQUATIONS["zs"](s, l) + error)
    verdict = problem.verdict(PlainSide(problem.start(), problem.cost, problem.eta, shifted, layer=1, steps=[0]))
    found = verdict.first_divergence or verdict.first_doubt
    assert verdict.outcome is outcome
    assert outcome is Outcome.MATCH or (found.key.name, found.key.layer, found.step) == ("zs", 1, 0)
