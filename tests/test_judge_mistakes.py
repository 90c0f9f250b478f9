"""Each mistake is a mismatch, at its own equation and layer; what the power report says would be caught is caught."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mistakes import MISTAKES
from plain import ALWAYS, EQUATIONS, Mistake, PlainSide, from_step, one_weight_gradient_off
from planted import faults
from problems import DTYPES, fixed

from compare import judge, verdict
from compare.key import keys
from compare.verdict import Outcome

catches, test_a_planted_fault_is_caught = faults("compare")
both_dtypes = pytest.mark.parametrize("dtype", DTYPES)
NETWORKS = {"unequal": (6, 5, 4, 3), "square": (4, 4, 4)}
bounds, over, locate = judge.bounds, verdict.over, verdict.locate


def with_mistake(problem, mistake, layer, steps=ALWAYS):
    return problem.verdict(PlainSide(problem.start(), problem.cost, problem.eta, mistake, layer, steps))


def a_million_times_too_wide(*arguments):
    *before, precision, scale = arguments
    return bounds(*before, replace(precision, u=1e6 * precision.u), scale)


def of_the_sums(a, e, allowed):
    """A ratio of the sums of the elements, as checkers that compare mean(A) with mean(B) have it."""
    apart = np.abs((a - e).sum(axis=(1, 2)))
    return apart / [allowed.at(k).sum() for k in range(len(a))]


def signed(a, e, allowed):
    """A ratio that has forgotten |·|."""
    return np.array([((a[k] - e[k]) / allowed.at(k)).max() for k in range(len(a))])


def latest_first(ratios, limit):
    return over(ratios, limit)[::-1]


def the_first_element(key, step, actual, expected, allowed):
    corner = (0,) * actual.ndim
    return replace(locate(key, step, actual, expected, allowed), index=corner)


@catches("sums compared, not elements", "ratio._outer_ratio", of_the_sums, name="∇w transposed", dtype="float64")
@catches("the last step taken for the first", "judge.over", latest_first, name="σ′ left out of BP2", dtype="float32")
@both_dtypes
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_a_mismatch_at_its_own_equation_layer_and_step(name, dtype):
    mistake, planted = MISTAKES[name], 0
    for sizes in NETWORKS.values():
        for layer in mistake.layers(sizes):
            found = with_mistake(fixed(dtype=dtype, sizes=sizes, K=2), mistake, layer, steps=from_step(1))
            first, planted = found.first_divergence, planted + 1
            assert found.outcome is Outcome.MISMATCH
            assert mistake.equation in (first.key.equation, first.key.name), str(first)
            assert (first.key.layer, first.step) == (layer, 1), str(first)
            assert abs(first.actual - first.expected) > first.bound > 0, str(first)
    assert planted


def test_mistakes_are_known_for_every_equation():
    assert {mistake.equation for mistake in MISTAKES.values()} == set(EQUATIONS)


@catches("bounds a million times too wide", "judge.bounds", a_million_times_too_wide, layer=1)
@catches("|·| left out", "ratio._outer_ratio", signed, layer=1)
@catches("any element for the worst", "judge.locate", the_first_element, layer=1)
@pytest.mark.parametrize("layer", [1, 2, 3])
def test_a_relative_error_of_1e_9_in_one_weight_gradient_is_named_in_float64(layer):
    for eps in (1e-9, -1e-9):
        found = with_mistake(fixed(sizes=NETWORKS["unequal"]), one_weight_gradient_off(eps, 1, 2), layer, [2])
        assert found.outcome is Outcome.MISMATCH
        first = found.first_divergence
        assert (first.key.equation, first.key.layer, first.step, first.index) == ("BP4", layer, 2, (1, 2))
        assert first.actual / first.expected - 1 == pytest.approx(eps, rel=1e-3)


def predicted(problem, layer):
    """E / |∂C/∂w_jk| of each element of a layer in the first step."""
    expected, bound = problem.bounds()
    return bound.nabla_w[layer - 1].at(0) / np.abs(expected.nabla_w[layer - 1][0].astype(np.float64))


@catches("bounds a million times too wide", "judge.bounds", a_million_times_too_wide, dtype="float64", layer=1)
@catches("bounds of 0", "judge.bounds", lambda *a: bounds(*a[:5], replace(a[5], u=0.0), a[6]), dtype="float64", layer=1)
@both_dtypes
@pytest.mark.parametrize("layer", [1, 2])
def test_an_error_beyond_the_predicted_size_is_caught_and_one_well_below_it_is_not(layer, dtype):
    problem = fixed("over √n", dtype, sizes=(30, 20, 10))
    sizes = predicted(problem, layer)
    elements = [np.unravel_index(at, sizes.shape) for at in (sizes.argmin(), 0, 57, 113, sizes.size - 1)]
    for j, k in elements:
        caught, missed = (
            with_mistake(problem, one_weight_gradient_off(part * sizes[j, k], j, k), layer, [0]) for part in (2.5, 0.3)
        )
        assert caught.outcome is Outcome.MISMATCH
        assert (caught.first_divergence.key.equation, caught.first_divergence.index) == ("BP4", (j, k))
        assert missed.outcome is Outcome.MATCH, str(missed.first_divergence)


@catches(
    "E of the largest element",
    "power.Power.add",
    lambda p, g, e, most: setattr(p, "smallest", (e / g).max()),
    dtype="float64",
)
@both_dtypes
def test_the_power_of_a_tensor_is_that_of_its_most_closely_checked_element(dtype):
    problem = fixed("over √n", dtype, sizes=(30, 20, 10))
    powers = with_mistake(problem, None, None).powers
    for layer in (1, 2):
        key = next(key for key in keys(2) if (key.name, key.layer) == ("nabla_w", layer))
        assert powers[key].smallest == pytest.approx(predicted(problem, layer).min(), rel=1e-6)


def test_a_gradient_off_by_less_than_its_power_in_every_element_is_no_proof():
    problem = fixed()
    power = min(power.smallest for power in with_mistake(problem, None, None).powers.values())
    scaled = Mistake("BP4", lambda s, l: (1 + power / 3) * EQUATIONS["BP4"](s, l))
    assert with_mistake(problem, scaled, None).outcome is Outcome.MATCH
