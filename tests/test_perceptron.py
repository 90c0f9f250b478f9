"""What the lectures say of perceptrons holds, and each check rejects the fault planted above it."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from planted import faults

from scratch import perceptron
from scratch.perceptron import Perceptron

catches, test_a_planted_fault_is_caught = faults("scratch.perceptron")
TWO = np.array(list(product([0.0, 1.0], repeat=2)))  # every pair of bits, one a row
THREE = np.array(list(product([0.0, 1.0], repeat=3)))
XOR, SAME, AND = (0, 1, 1, 0), (1, 0, 0, 1), (0, 0, 0, 1)
UNTAUGHT = Perceptron(np.zeros(2), 0.0)
quick = settings(max_examples=25, derandomize=True, deadline=None, report_multiple_bugs=False)
layers, update = perceptron.perceptron_layers, perceptron.rosenblatt_update
flip_distance = perceptron.flip_distance


def integers(length, low=-4, high=4):
    return st.lists(st.integers(low, high).map(float), min_size=length, max_size=length).map(np.array)


def at_or_above(z):
    return (z >= 0).astype(z.dtype)


@catches("weights in reverse", "weighted_sum", lambda weights, x: x @ weights[::-1])
def test_the_weighted_sum_is_the_sum_of_weight_times_input():
    x = np.array([[1.0, 2, 3], [0, -1, 4]])
    assert perceptron.weighted_sum(np.array([6.0, 2, -1]), x).tolist() == [6 + 4 - 3, 0 - 2 - 4]


@catches("bias form with >=", "step", at_or_above)
@catches(
    "threshold form with >=",
    "Perceptron.output_by_threshold",
    lambda n, x: at_or_above(x @ n.weights + n.bias),
)
def test_an_input_exactly_on_the_threshold_gives_0_in_both_forms():
    festival, friend_and_train = perceptron.cheese_festival(threshold=4.0), np.array([[0.0, 1, 1]])
    assert festival.output(friend_and_train).tolist() == [0]
    assert festival.output_by_threshold(friend_and_train).tolist() == [0]


@catches("bias form with >=", "step", at_or_above)
@catches("threshold = b", "Perceptron.threshold", property(lambda neuron: neuron.bias))
@catches("b = threshold", "Perceptron.with_threshold", Perceptron)
@quick
@given(integers(3), st.integers(-12, 12).map(float), integers(3))
@example(np.array([1.0, 1, 0]), 2.0, np.array([1.0, 1, 0]))
def test_threshold_form_and_bias_form_are_the_same_decision(weights, threshold, x):
    neuron = Perceptron.with_threshold(weights, threshold)
    truth = sum(w * x_j for w, x_j in zip(weights, x, strict=True)) > threshold
    assert neuron.output(x[None]).tolist() == neuron.output_by_threshold(x[None]).tolist() == [truth]


@catches("a step with a tolerance", "step", lambda z: (z > 1e-12).astype(z.dtype))
@quick
@given(st.floats(-1e3, 1e3))
@example(0.0)
def test_not_even_rounding_parts_the_two_forms(threshold):
    """s - t underflows gradually, so it is above 0 if and only if s > t: here for neighbouring floats."""
    sums = np.array([[np.nextafter(threshold, -2e3)], [threshold], [np.nextafter(threshold, 2e3)]])
    neuron = Perceptron.with_threshold(np.array([1.0]), threshold)
    assert neuron.output(sums).tolist() == neuron.output_by_threshold(sums).tolist() == [0, 0, 1]


@catches("another threshold", "cheese_festival", lambda _: Perceptron(np.array([6.0, 2, 2]), -3.0))
def test_with_threshold_5_only_the_weather_decides():
    assert perceptron.cheese_festival(5.0).output(THREE).tolist() == [weather for weather, _, _ in THREE]


@catches("weights of 2, 6, 2", "cheese_festival", lambda t: Perceptron(np.array([2.0, 6, 2]), -t))
@catches("b = threshold", "Perceptron.with_threshold", Perceptron)
def test_with_threshold_3_a_friend_and_an_easy_way_make_up_for_the_weather():
    goes = [weather or (friend and easy) for weather, friend, easy in THREE]
    assert perceptron.cheese_festival(3.0).output(THREE).tolist() == goes


@catches("no copy", "Perceptron.__post_init__", lambda neuron: None)
def test_a_perceptron_keeps_its_weights_when_the_array_that_it_came_from_is_edited():
    weights = np.array([6.0, 2.0, 2.0])
    neuron = Perceptron(weights, -5.0)
    weights[0] = 0.0
    assert neuron.weights.tolist() == [6, 2, 2]


@catches("widths not looked at", "weighted_sum", lambda weights, x: x @ weights[: x.shape[1]])
def test_inputs_of_another_width_are_refused_by_name():
    with pytest.raises(ValueError, match=r"x: shape \(4, 2\) came, expected \(m, 3\)"):
        perceptron.cheese_festival(5.0).output(TWO)


@catches(">= in place of >", "step", at_or_above)
@catches("no biases", "perceptron_layers", lambda w, b, x: layers(w, [0 * b_l for b_l in b], x))
def test_three_then_four_then_one_perceptron_tell_odd_from_even():
    _, at_least, exactly, odd = perceptron.perceptron_layers(*perceptron.odd_of_three(), THREE)
    count = THREE.sum(axis=1, keepdims=True)
    assert at_least.tolist() == (count >= [1, 2, 3]).tolist()
    assert exactly.tolist() == (count == [0, 1, 2, 3]).tolist()
    assert odd.tolist() == (count % 2 == 1).tolist()


@catches("transposed weights", "perceptron_layers", lambda w, b, x: layers([w_l.T for w_l in w], b, x))
def test_a_layer_is_its_perceptrons_side_by_side():
    rng = np.random.default_rng(0)
    w, b = rng.integers(-4, 5, (3, 3)).astype(float), rng.integers(-4, 5, 3).astype(float)
    after = perceptron.perceptron_layers([w], [b], THREE)[-1]
    for j, (w_j, b_j) in enumerate(zip(w, b, strict=True)):
        assert after[:, j].tolist() == Perceptron(w_j, float(b_j)).output(THREE).tolist()


@catches("the last layer left out", "perceptron_layers", lambda w, b, x: layers(w[:-1], b[:-1], x), sizes=(5, 3, 1))
@pytest.mark.parametrize("sizes", [(5,), (5, 1), (5, 3, 4, 1), (5, 4, 3, 2, 1, 2)], ids=str)
def test_any_number_of_layers_can_be_stacked(sizes):
    weights = [np.ones((n_out, n_in)) for n_in, n_out in pairwise(sizes)]
    activations = perceptron.perceptron_layers(weights, [np.zeros(n) for n in sizes[1:]], np.ones((7, 5)))
    assert [a.tolist() for a in activations] == [np.ones((7, n)).tolist() for n in sizes]


@catches("no look at the shapes", "perceptron_layers", lambda w, b, x: [x])
def test_layers_that_do_not_fit_are_refused_by_name():
    weights, biases = perceptron.odd_of_three()
    with pytest.raises(ValueError, match=r"weights: shape \(3, 4\) came.* = \(4, 3\); use w.T"):
        perceptron.perceptron_layers([weights[0], weights[1].T, weights[2]], biases, THREE)
    with pytest.raises(ValueError, match="biases: 2 arrays came, expected 3"):
        perceptron.perceptron_layers(weights, biases[:2], THREE)


@catches("eta left out", "rosenblatt_update", lambda n, x, error, eta: update(n, x, error, 1.0))
@catches("minus in place of plus", "rosenblatt_update", lambda n, x, error, eta: update(n, x, -error, eta))
def test_one_update_moves_the_parameters_by_eta_times_error_times_input():
    before = Perceptron(np.array([1.0, 2.0]), 3.0)
    after = perceptron.rosenblatt_update(before, np.array([4.0, -8.0]), error=-1.0, eta=0.25)
    assert (after.weights.tolist(), after.bias) == ([1 - 0.25 * 4, 2 + 0.25 * 8], 3 - 0.25)


@catches("minus in place of plus", "rosenblatt_update", lambda n, x, error, eta: update(n, x, -error, eta), y=AND)
@catches(
    "b stays",
    "rosenblatt_update",
    lambda n, x, e, eta: Perceptron(update(n, x, e, eta).weights, n.bias),
    y=AND,
)
@pytest.mark.parametrize("y", [y for y in product([0, 1], repeat=4) if y not in (XOR, SAME)], ids=str)
def test_learning_converges_on_each_of_the_14_separable_functions_of_two_bits(y):
    learned = perceptron.learn(UNTAUGHT, TWO, np.array(y, float), eta=0.5, max_epochs=20)
    assert learned.converged
    assert learned.perceptron.output(TWO).tolist() == list(y)


@catches("converged when out of epochs", "Learned.converged", property(lambda learned: True), y=XOR)
@pytest.mark.parametrize("y", [XOR, SAME], ids=["xor", "same"])
def test_learning_says_that_it_did_not_converge_on_xor(y):
    learned = perceptron.learn(UNTAUGHT, TWO, np.array(y, float), eta=1.0, max_epochs=30)
    assert not learned.converged
    assert learned.perceptron.output(TWO).tolist() != list(y)
    assert len(learned.mistakes) == 30


@catches("converged after any epoch", "Learned.converged", property(lambda learned: len(learned.mistakes) > 0))
def test_learning_says_that_its_epochs_ran_out_before_it_converged():
    enough = perceptron.learn(UNTAUGHT, TWO, np.array(AND, float), 1.0, max_epochs=20)
    short = perceptron.learn(UNTAUGHT, TWO, np.array(AND, float), 1.0, max_epochs=len(enough.mistakes) - 1)
    assert (enough.converged, short.converged) == (True, False)
    assert short.mistakes == enough.mistakes[:-1]
    assert perceptron.learn(UNTAUGHT, TWO, np.array(AND, float), 1.0, 1).mistakes == enough.mistakes[:1]


@catches(
    "b moves the wrong way",
    "rosenblatt_update",
    lambda n, x, e, eta: Perceptron(update(n, x, e, eta).weights, n.bias - e),
)
@quick
@given(integers(2, -2, 2), integers(1, -2, 1), st.lists(integers(2, -2, 2), min_size=1, max_size=5))
@example(np.array([0.0, 0.0]), np.array([0.0]), [np.zeros(2)])
def test_learning_makes_no_more_mistakes_than_the_margin_allows(weights, bias, rows):
    """Novikoff, 1962: at most (R / γ)² from zero parameters, with the bias as the weight of an input 1."""
    separator, x = np.append(weights, bias[0] + 0.5), np.array(rows)
    z = np.column_stack([x, np.ones(len(x))]) @ separator  # a whole number and a half, never 0
    bound = ((x**2).sum(axis=1).max() + 1) * (separator @ separator) / np.abs(z).min() ** 2
    learned = perceptron.learn(UNTAUGHT, x, (z > 0).astype(float), 1.0, max_epochs=int(bound) + 1)
    assert learned.converged
    assert sum(learned.mistakes) <= bound


@catches("nothing refused", "learn", lambda *_: None, x=TWO, y=AND, eta=0.0, max_epochs=9, named="eta")
@pytest.mark.parametrize(
    ("x", "y", "eta", "max_epochs", "named"),
    [
        pytest.param(TWO, (-1, 1, 1, 1), 1.0, 9, "y: .* expected a 0 or 1", id="labels -1 and 1"),
        pytest.param(TWO, (0, 1, 1), 1.0, 9, "y: .* each of 4 rows", id="too few labels"),
        pytest.param(TWO * np.nan, AND, 1.0, 9, "x: NaN", id="NaN, which is never above the threshold"),
        pytest.param(TWO, AND, 0.0, 9, "eta, max_epochs: 0.0 and 9", id="eta 0"),
        pytest.param(TWO, AND, 1.0, 0, "eta, max_epochs: 1.0 and 0", id="no epoch"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_by_name(x, y, eta, max_epochs, named):
    with pytest.raises(ValueError, match=named):
        perceptron.learn(UNTAUGHT, x, np.array(y, float), eta, max_epochs)


@catches("too far", "flip_distance", lambda neuron, x: 1.01 * flip_distance(neuron, x))
@catches("too near", "flip_distance", lambda neuron, x: 0.99 * flip_distance(neuron, x))
@quick
@given(integers(3), st.integers(-4, 4).map(float), integers(3))
@example(np.array([6.0, 2, 2]), -5.0, np.array([0.0, 1, 1]))
def test_nearer_than_the_flip_distance_nothing_changes_and_past_it_the_output_jumps(weights, bias, x):
    z = weights @ x + bias
    assume(x.any() and z)
    nearest = -np.sign(z) * x / np.linalg.norm(x)  # the direction in which z comes to 0 first
    distance = perceptron.flip_distance(Perceptron(weights, bias), x[None])[0]
    outputs = [Perceptron(weights + t * distance * nearest, bias).output(x[None])[0] for t in (0, 0.995, 1.005)]
    assert np.diff(outputs).tolist() == [0, -np.sign(z)]


@catches("a smooth step", "step", lambda z: 1 / (1 + np.exp(-z)))
def test_on_the_boundary_the_output_jumps_by_1_however_small_the_change_of_a_weight_is():
    festival, x = perceptron.cheese_festival(threshold=4.0), np.array([[0.0, 1, 1]])
    h = 2.0 ** -np.arange(1, 41)
    friend = np.array([0.0, 1, 0])
    moved = [Perceptron(festival.weights + h_i * friend, festival.bias).output(x)[0] for h_i in h]
    assert perceptron.flip_distance(festival, x).tolist() == [0]
    assert ((moved - festival.output(x)) / h).tolist() == (1 / h).tolist()  # Δoutput / h has no limit


@catches("0 in place of infinity", "flip_distance", lambda neuron, x: np.zeros(len(x)))
def test_no_change_of_the_weights_flips_the_output_of_x_0():
    assert perceptron.flip_distance(perceptron.cheese_festival(5.0), np.zeros((1, 3))).tolist() == [np.inf]
