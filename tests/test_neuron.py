"""The sigmoid neuron's gradient is the one that its output has, and each check rejects a planted fault."""

from __future__ import annotations

from itertools import product
from math import exp

import numpy as np
import pytest
from planted import faults

from scratch import neuron, taylor
from scratch.perceptron import Perceptron, cheese_festival, step
from scratch.sigmoid import sigmoid, sigmoid_prime

catches, test_a_planted_fault_is_caught = faults("scratch.neuron")
WEIGHTS, BIAS = np.array([0.75, -0.5, 0.25]), 0.5
X = np.array([[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]])
SMALL = 2.0 ** -np.arange(10, 20)
gradient = neuron.SigmoidNeuron.gradient


def output_of(c, x):
    """The output for the one example x as a function of [w, b]."""
    return float(neuron.SigmoidNeuron(c[0], float(c[1])).output(x[None])[0])


@catches("a step in place of the sigmoid", "sigmoid", step)
@catches("a bias that is a threshold", "SigmoidNeuron.weighted_input", lambda n, x: x @ n.weights - n.bias)
def test_the_output_is_one_over_one_plus_e_to_the_minus_weighted_sum_minus_bias():
    expected = [1 / (1 + exp(-(0.75 - 1.0 - 0.25 + 0.5))), 1 / (1 + exp(-(0.375 + 0.75 + 0.5)))]
    assert neuron.SigmoidNeuron(WEIGHTS, BIAS).output(X) == pytest.approx(expected, rel=1e-14)


@catches("sigma in place of sigma prime", "sigmoid_prime", sigmoid, example=1)
@catches("sigma prime of a", "sigmoid_prime", lambda z: sigmoid_prime(sigmoid(z)), example=1)
@catches("no x_j", "SigmoidNeuron.gradient", lambda n, x: gradient(n, np.ones_like(x)), example=1)
@catches("no gradient of b", "SigmoidNeuron.gradient", lambda n, x: (gradient(n, x)[0], 0 * x[:, 0]), example=1)
@catches(
    "another example's",
    "SigmoidNeuron.gradient",
    lambda n, x: tuple(g[::-1] for g in gradient(n, x)),
    example=1,
)
@pytest.mark.parametrize("example", [0, 1])
def test_the_gradient_leaves_a_remainder_of_second_order(example):
    d_weights, d_bias = neuron.SigmoidNeuron(WEIGHTS, BIAS).gradient(X)
    c, v = [WEIGHTS, np.array(BIAS)], [np.array([0.5, 1.0, -2.0]), np.array(1.5)]
    nabla = [d_weights[example], d_bias[example, ...]]
    assert taylor.taylor_slope(lambda p: output_of(p, X[example]), c, nabla, v) > 1.95


@catches("the slope of the step", "sigmoid_prime", np.zeros_like)
def test_the_slides_sum_predicts_the_change_of_the_output():
    sigmoid_neuron, moved = neuron.SigmoidNeuron(WEIGHTS, BIAS), [np.array([1e-4, -2e-4, 3e-4]), -1e-4]
    d_weights, d_bias = (g[0] for g in sigmoid_neuron.gradient(X))
    after = neuron.SigmoidNeuron(WEIGHTS + moved[0], BIAS + moved[1])
    predicted = taylor.delta_output(d_weights, d_bias, *moved)
    assert after.output(X)[0] - sigmoid_neuron.output(X)[0] == pytest.approx(predicted, rel=1e-3)


@catches("a step in place of the sigmoid", "sigmoid", step, bias=-4.0, jump=1.0)
@catches("a sigmoid that is nearly a step", "sigmoid", lambda z: sigmoid(1e6 * z), bias=-4.0, jump=1.0)
@pytest.mark.parametrize(("bias", "jump"), [(-4.0, 1.0), (-3.0, 0.0)], ids=["on the boundary", "off it"])
def test_where_a_perceptron_jumps_or_stays_a_sigmoid_neuron_moves_in_proportion_to_the_change(bias, jump):
    w, v, x = np.array([6.0, 2.0, 2.0]), np.array([0.0, 1.0, 0.0]), np.array([[0.0, 1.0, 1.0]])
    change = {
        kind: np.array([kind(w + h * v, bias).output(x)[0] - kind(w, bias).output(x)[0] for h in SMALL])
        for kind in (Perceptron, neuron.SigmoidNeuron)
    }
    d_weights, _ = gradient(neuron.SigmoidNeuron(w, bias), x)
    assert change[Perceptron].tolist() == [jump] * len(SMALL)
    assert change[neuron.SigmoidNeuron] / SMALL == pytest.approx(d_weights[0] @ v, rel=1e-3)


@catches("a sigmoid that falls", "sigmoid", lambda z: sigmoid(-z))
def test_a_sigmoid_neuron_made_steep_decides_as_the_perceptron_does():
    """Weights and bias times a large number, where no z is 0 (Nielsen, ch. 1, exercises)."""
    x, festival = np.array(list(product([0.0, 1.0], repeat=3))), cheese_festival(threshold=5.0)
    steep = neuron.SigmoidNeuron(1e3 * festival.weights, 1e3 * festival.bias)
    assert steep.output(x).tolist() == festival.output(x).tolist()


@catches("no copy", "SigmoidNeuron.__post_init__", lambda n: None)
def test_a_sigmoid_neuron_keeps_its_weights_when_the_array_that_it_came_from_is_edited():
    weights = WEIGHTS.copy()
    sigmoid_neuron = neuron.SigmoidNeuron(weights, BIAS)
    weights[0] = 0.0
    assert sigmoid_neuron.weights.tolist() == WEIGHTS.tolist()


@catches("widths not looked at", "weighted_sum", lambda weights, x: x @ weights[: x.shape[1]])
def test_inputs_of_another_width_are_refused_by_name():
    with pytest.raises(ValueError, match=r"x: shape \(2, 2\) came, expected \(m, 3\)"):
        neuron.SigmoidNeuron(WEIGHTS, BIAS).gradient(X[:, :2])
