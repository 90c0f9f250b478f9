"""The two quadratic costs are those of the slides, and one-hot targets are what they say; checks reject faults."""

from __future__ import annotations

import numpy as np
import pytest
from planted import faults

from scratch import cost

catches, test_a_planted_fault_is_caught = faults("scratch.cost")
right_value, right_derivative, right_one_hot = (
    cost.QuadraticCost.value,
    cost.QuadraticCost.derivative,
    cost.one_hot,
)
A = np.array([[0.75, 0.5], [0.25, 1.0]])  # two examples, each a column of two output neurons
Y = np.array([[1.0, 0.0], [0.0, 1.0]])
both_costs = pytest.mark.parametrize("name", ["half", "full"])


def any_a_y():
    """Numbers of few binary digits, so that nothing below is rounded."""
    a, y = np.random.default_rng(0).integers(-16, 17, (2, 3, 4)) / 16
    return a, y


@catches(
    "the factor left out", "QuadraticCost.value", lambda c, a, y: 0.5 * np.square(y - a).sum(axis=-2).mean(axis=-1)
)
@catches("the mean over neurons too", "QuadraticCost.value", lambda c, a, y: right_value(c, a, y) / len(a))
@catches("the sum over examples", "QuadraticCost.value", lambda c, a, y: right_value(c, a, y) * a.shape[-1])
@catches("examples taken for rows", "QuadraticCost.value", lambda c, a, y: right_value(c, a[:, :1], y[:, :1]))
def test_the_slides_costs_of_two_examples_are_what_a_hand_computes():
    """‖y − a‖² is 1/16 + 1/16 for the first example and 1/4 + 0 for the second: their mean is 3/16."""
    assert cost.HALF.value(A, Y) == 3 / 32  # 1/(2n) Σ ‖y − a‖²
    assert cost.FULL.value(A, Y) == 3 / 16  # the mean of Σ (y − a)²


@catches("half for full", "FULL", cost.HALF)
def test_of_one_example_the_costs_are_those_of_the_backpropagation_slides():
    a, y = A[:, :1], Y[:, :1]
    assert (cost.HALF.value(a, y), cost.FULL.value(a, y)) == (0.5 * 0.125, 0.125)  # ½ ‖y − a‖² and Σ (y − a)²


@catches("one mean for all", "QuadraticCost.value", lambda c, a, y: np.full(len(a), right_value(c, a, y).mean()))
def test_each_of_a_stack_of_mini_batches_has_its_own_cost():
    a, y = np.stack([A, Y, Y]), np.stack([Y, Y, A])
    assert cost.HALF.value(a, y).tolist() == [3 / 32, 0, 3 / 32]


@catches("y - a", "QuadraticCost.derivative", lambda c, a, y, out=None: right_derivative(c, y, a), name="half")
@catches("factor 2 lost", "QuadraticCost.derivative", lambda c, a, y, out=None: a - y, name="full")
@catches("factor 2 too many", "QuadraticCost.derivative", lambda c, a, y, out=None: 2 * (a - y), name="half")
@catches(
    "divided by m", "QuadraticCost.derivative", lambda c, a, y, out=None: right_derivative(c, a, y) / 4, name="half"
)
@both_costs
def test_the_derivative_is_the_slope_of_each_examples_cost_exactly(name):
    """A parabola has the same slope between a + h and a − h as in a, however large h is, and no rounding here."""
    a, y = any_a_y()
    chosen, h = cost.COSTS[name], 1 / 2
    slopes = np.empty_like(a)
    for at in np.ndindex(*a.shape):
        step = np.zeros_like(a)
        step[at] = h
        slopes[at] = (chosen.value(a + step, y) - chosen.value(a - step, y)) / (2 * h)
    m = a.shape[1]
    np.testing.assert_array_equal(chosen.derivative(a, y), m * slopes)  # C is the mean of the m examples' costs


@catches("nothing in out", "QuadraticCost.derivative", lambda c, a, y, out=None: right_derivative(c, a, y))
def test_the_derivative_can_be_put_into_an_array():
    a, y = any_a_y()
    for chosen, expected in ((cost.HALF, a - y), (cost.FULL, 2 * (a - y))):
        out = np.empty_like(a)
        assert chosen.derivative(a, y, out) is out
        np.testing.assert_array_equal(out, expected)


@catches(
    "float64 for float32",
    "QuadraticCost.derivative",
    lambda c, a, y, out=None: c.factor * (a.astype(float) - y),
    name="full",
)
@both_costs
def test_float32_stays_float32(name):
    a, y = (array.astype(np.float32) for array in any_a_y())
    assert cost.COSTS[name].derivative(a, y).dtype == cost.COSTS[name].value(a, y).dtype == np.float32


@catches("the sixth position for 6", "one_hot", lambda labels, classes=10: right_one_hot(labels - 1, classes))
def test_six_is_one_in_the_seventh_of_ten_positions():
    assert cost.one_hot(np.array([6])).tolist() == [[0, 0, 0, 0, 0, 0, 1, 0, 0, 0]]


@catches(
    "one label lost",
    "one_hot",
    lambda labels, classes, dtype: right_one_hot(labels // 2 * 2, classes, dtype),
    dtype=np.uint8,
)
@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
def test_the_one_is_where_the_label_says_and_the_rest_is_zero(dtype):
    labels = np.array([3, 0, 2, 3, 1], dtype)
    y = cost.one_hot(labels, 4, np.dtype(np.float32))
    assert (y.dtype, y.shape) == (np.float32, (5, 4))
    assert y.argmax(axis=1).tolist() == labels.tolist()
    assert sorted(y.ravel().tolist()) == [0] * 15 + [1] * 5


@catches("an example more", "one_hot", lambda labels, classes: np.zeros((1, classes)))
def test_no_labels_are_no_rows():
    assert cost.one_hot(np.zeros(0, np.uint8), 10).shape == (0, 10)


@catches("labels counted from the end", "one_hot", lambda labels, classes: np.eye(classes)[labels % classes], wrong=-1)
@pytest.mark.parametrize("wrong", [-1, 10, 255])
def test_a_label_that_is_no_digit_is_refused_by_name(wrong):
    with pytest.raises(ValueError, match=rf"labels must lie in 0 … 9; got {min(wrong, 4)} … {max(wrong, 4)}"):
        cost.one_hot(np.array([4, wrong]), 10)
