"""The remainder of first order tells a right gradient from a wrong one; checks reject planted faults."""

from __future__ import annotations

import numpy as np
import pytest
from planted import faults

from scratch import taylor
from scratch.perceptron import Perceptron

catches, test_a_planted_fault_is_caught = faults("scratch.taylor")
WRONG = {
    "zero": lambda w, b: [0 * w, 0 * b],
    "transposed weights": lambda w, b: [w.T, b],
    "factor 2": lambda w, b: [2 * w, 2 * b],
    "wrong sign": lambda w, b: [-w, -b],
    "bias forgotten": lambda w, b: [w, 0 * b],
}
change, rounding, slope = taylor.change, taylor.rounding, taylor.least_squares_slope

X, Y = np.array([0.5, -1.0]), np.array([1.0, 0.0])


def cost(c):
    """½ ‖y - tanh(w x + b)‖² for the parameters [w, b]: curved in each of them."""
    return 0.5 * float(np.sum((Y - np.tanh(c[0] @ X + c[1])) ** 2))


def nabla(c):
    a = np.tanh(c[0] @ X + c[1])
    delta = (a - Y) * (1 - a**2)
    return [np.outer(delta, X), delta]


def drawn(seed):
    """A point c and a direction v."""
    rng = np.random.default_rng(seed)
    return tuple([rng.normal(size=(2, 2)), rng.normal(size=2)] for _ in range(2))


@catches("the remainder after order 0", "Change.remainder", property(lambda moved: moved.actual), seed=0)
@catches("axes exchanged", "least_squares_slope", lambda x, y: 1 / slope(x, y), seed=0)
@pytest.mark.parametrize("seed", range(5))
def test_a_right_gradient_has_slope_2(seed):
    c, v = drawn(seed)
    assert taylor.taylor_slope(cost, c, nabla(c), v) == pytest.approx(2, abs=0.05)


@catches(
    "any gradient taken for right",
    "change",
    lambda f, c, _, d: change(f, c, nabla(c), d),
    seed=0,
    wrong="zero",
)
@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("seed", range(3))
def test_a_wrong_gradient_has_slope_1(seed, wrong):
    c, v = drawn(seed)
    assert taylor.taylor_slope(cost, c, WRONG[wrong](*nabla(c)), v) == pytest.approx(1, abs=0.05)


@catches("steps that are too large", "STEPS", 2.0 ** -np.arange(4))
def test_a_gradient_off_by_half_a_thousandth_is_told_from_a_right_one():
    slopes = []
    for c, v in map(drawn, range(5)):
        off = [1.0005 * g for g in nabla(c)]
        slopes.append(taylor.taylor_slope(cost, c, off, v, taylor.STEPS))
    assert max(slopes) < 1.8


@catches("actual change the wrong way", "Change.actual", property(lambda moved: moved.before - moved.after))
@catches("gradient left out", "inner", lambda a, b: float(np.sum(b)))
def test_first_order_explains_the_square_but_for_the_square_of_the_displacement():
    moved = taylor.change(lambda c: c[0][0] ** 2, [np.array([3.0])], [np.array([6.0])], [np.array([0.5])])
    assert (moved.predicted, moved.actual, moved.remainder) == (6 * 0.5, 3.5**2 - 3**2, 0.5**2)


@catches("the first array alone", "inner", lambda a, b: float(np.sum(a[0] * b[0])))
def test_a_function_that_is_linear_in_weights_and_biases_is_predicted_to_the_last_bit():
    gradient = [np.array([[1.0, 2], [3, 4]]), np.array([5.0, 6])]
    c, displacement = [np.ones((2, 2)), np.zeros(2)], [np.full((2, 2), 0.5), np.array([-1.0, 0.25])]
    moved = taylor.change(
        lambda c: sum(float(np.sum(g * p)) for g, p in zip(gradient, c, strict=True)),
        c,
        gradient,
        displacement,
    )
    assert moved.predicted == moved.actual == 0.5 * 10 - 5 + 1.5


@catches("bias left out", "delta_output", lambda d_w, d_b, w, b: float(d_w @ w))
def test_the_change_of_a_neurons_output_is_the_slides_sum_and_the_generic_product():
    d_weights, delta_weights = np.array([1.0, -2.0]), np.array([0.5, 0.25])
    by_slide = taylor.delta_output(d_weights, 3.0, delta_weights, -2.0)
    generic = taylor.change(
        lambda c: 0.0,
        [np.zeros(2), np.zeros(())],
        [d_weights, np.array(3.0)],
        [delta_weights, np.array(-2.0)],
    )
    assert by_slide == generic.predicted == 1 * 0.5 - 2 * 0.25 + 3 * -2


@catches("rounding taken for remainder", "rounding", lambda moved, c, gradient: 0.0)
def test_steps_at_which_only_rounding_is_left_are_not_used():
    c, v = drawn(0)
    assert taylor.taylor_slope(cost, c, nabla(c), v, 2.0 ** -np.arange(9, 50)) == pytest.approx(2, abs=0.05)


@catches("rounding of c left out", "rounding", lambda moved, c, _: rounding(moved, c, [0 * c_i for c_i in c]))
def test_the_rounding_of_a_large_c_is_not_taken_for_a_remainder():
    c, v = drawn(0)
    far = [c[0], c[1] + 2.0**16]
    near = [far[0], far[1] - 2.0**16]
    hs = 2.0 ** -np.arange(8, 30)
    assert taylor.taylor_slope(lambda p: cost([p[0], p[1] - 2.0**16]), far, nabla(near), v, hs) == pytest.approx(
        2, abs=0.05
    )


@catches("rounding taken for remainder", "rounding", lambda moved, c, gradient: 0.0)
def test_a_linear_function_has_no_remainder_to_judge_by():
    c, v = drawn(0)
    with pytest.raises(ValueError, match=r"hs: the remainder is above rounding at \[\] only.*if f is linear"):
        taylor.taylor_slope(lambda p: float(np.sum(p[0]) + np.sum(p[1])), c, [np.ones((2, 2)), np.ones(2)], v)


@catches("two are enough", "taylor_slope", lambda f, c, g, v, hs: slope(np.log(hs), np.log(hs)), hs=[0.01, 0.02])
@pytest.mark.parametrize("hs", [[0.01, 0.02], [0.01, 0.02, 0.02]], ids=["two", "one of them twice"])
def test_fewer_than_three_different_steps_give_no_slope(hs):
    c, v = drawn(0)
    with pytest.raises(ValueError, match="expected 3 different h or more"):
        taylor.taylor_slope(cost, c, nabla(c), v, np.array(hs))


@catches("no look at f", "change", lambda f, c, g, d: taylor.Change(0.0, 0.0, float(np.sum(d[0]) ** 2)))
def test_a_function_that_is_not_finite_is_refused_by_name():
    c, v = drawn(0)
    with pytest.raises(ValueError, match="f: not finite at h = "):
        taylor.taylor_slope(lambda p: cost(p) if p[1][0] == c[1][0] else np.inf, c, nabla(c), v)


@catches("no look at hs", "taylor_slope", lambda *_: 2.0)
def test_a_step_of_0_is_refused_by_name():
    c, v = drawn(0)
    with pytest.raises(ValueError, match=r"hs: \[1. 0.\] came, expected steps above 0"):
        taylor.taylor_slope(cost, c, nabla(c), v, np.array([1.0, 0.0]))


@catches("broadcast", "_require_shapes_of", lambda *_, **__: None, name="gradient")
@pytest.mark.parametrize("name", ["gradient", "displacement"])
def test_a_shape_that_numpy_would_broadcast_is_refused_by_name(name):
    c, _ = drawn(0)
    lists = {"gradient": nabla(c), "displacement": nabla(c), name: [c[0], c[1][:, None]]}
    with pytest.raises(ValueError, match=rf"{name}: shapes \[\(2, 2\), \(2, 1\)\] came, expected \[\(2, 2\), \(2,\)\]"):
        taylor.change(cost, c, **lists)


@catches("c itself handed out", "change", lambda f, c, g, d: taylor.Change(0.0, f(c), f(c)))
def test_a_function_that_edits_its_arrays_does_not_edit_c():
    def square_in_place(p):
        p[0] *= p[0]
        return p[0][0]

    c = [np.array([3.0])]
    moved = taylor.change(square_in_place, c, [np.array([6.0])], [np.array([1.0])])
    assert (c[0].tolist(), moved.remainder) == ([3.0], 1.0)


@catches(
    "the remainder after order 0",
    "change",
    lambda f, c, g, d: taylor.Change(0.0, 0.0, float(np.abs(d[0]).sum())),
)
def test_the_jump_of_a_perceptron_has_slope_0_it_does_not_shrink_with_the_change():
    x = np.array([[0.0, 1.0, 1.0]])
    c, flat, v = [np.array([6.0, 2.0, 2.0])], [np.zeros(3)], [np.array([0.0, 1.0, 0.0])]
    assert taylor.taylor_slope(lambda p: float(Perceptron(p[0], -4.0).output(x)[0]), c, flat, v) == 0
