"""The complex step's derivatives are exact to rounding, and come from nowhere else; checks reject planted faults."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
from planted import faults

from compare import witness
from scratch.backprop import backprop
from scratch.cost import COSTS, FULL, HALF
from scratch.network import Parameters, feedforward

catches, test_a_planted_fault_is_caught = faults("compare.witness")
step, cost, sigmoid, plus_ih = witness.complex_step, witness._cost, witness._sigmoid, witness._plus_ih


def problem(sizes=(3, 3, 4, 2), m=5):
    """Weights, biases and a mini-batch."""
    rng = np.random.default_rng(0)
    parameters, x = Parameters.random(sizes, rng), rng.random((m, sizes[0]))
    return parameters.weights, parameters.biases, x, np.eye(sizes[-1])[rng.integers(0, sizes[-1], m)]


def one_neuron(w, b, x, y):
    """dC/dw and dC/db of C = ½ (y − σ(wx + b))² by hand, to fifty digits: (a − y) a (1 − a) times x, and times 1."""
    with localcontext(prec=50):
        w, b, x, y = (Decimal(v) for v in (w, b, x, y))
        e = (-(w * x + b)).exp()
        delta = (1 / (1 + e) - y) * e / (1 + e) ** 2
        return float(delta * x), float(delta)


@catches("h too large", "H", 1e-5, z=0.5)
@catches("sigma'(z) for sigma(z)", "_sigmoid", lambda z: sigmoid(z) * (1 - sigmoid(z)), z=0.5)
@catches("no z below -40", "_sigmoid", lambda z: 1 / (1 + np.exp(np.minimum(-z, 40))), z=-500.0)
@pytest.mark.parametrize("z", [0.0, 0.5, -3.0, 30.0, -30.0, 500.0, -500.0])
def test_one_neurons_derivatives_are_exact_even_where_sigma_saturates(z):
    w, b, x, y = 0.75, z - 0.75 * 1.5, 1.5, 0.25
    nabla_w, nabla_b = witness.whole_gradient([np.array([[w]])], [np.array([b])], np.array([[x]]), np.array([[y]]), 1)
    np.testing.assert_allclose([nabla_w[0][0, 0], nabla_b[0][0]], one_neuron(w, b, x, y), rtol=4e-15)


def slopes(cost, weights, biases, x, y):
    """(C(w + h) − C(w − h)) / 2h by every element, from scratch's cost and way forward."""
    w, h = Parameters.of(weights, biases), 2.0**-16
    found = w.copy()
    for i in range(len(w.vector)):
        ends = []
        for at in (w.vector[i] + h, w.vector[i] - h):
            moved = w.copy()
            moved.vector[i] = at
            ends.append(cost.value(feedforward(moved, x)[-1].T, y.T))
        found.vector[i] = (ends[0] - ends[1]) / (2 * h)
    return found


@catches("no biases", "_cost", lambda w, b, *rest: cost(w, [0 * b_l for b_l in b], *rest), name="half")
@catches("the other cost", "_cost", lambda *arrays: cost(*arrays[:-1], 3 - arrays[-1]), name="half")
@catches("the sum over examples", "_cost", lambda w, b, x, *rest: cost(w, b, x, *rest) * len(x), name="full")
@catches("a function that is not analytic", "_cost", lambda *arrays: np.abs(cost(*arrays)), name="full")
@catches("another element", "_plus_ih", lambda array, at: plus_ih(array, at[::-1]), name="full")
@pytest.mark.parametrize("name", COSTS)
def test_every_derivative_is_the_slope_of_scratchs_cost(name):
    nabla_w, nabla_b = witness.whole_gradient(*problem(), COSTS[name].factor)
    expected = slopes(COSTS[name], *problem())
    for actual, slope in zip(nabla_w + nabla_b, expected.weights + expected.biases, strict=True):
        np.testing.assert_allclose(actual, slope, rtol=1e-6, atol=1e-10)


@catches("j and k exchanged", "_plus_ih", lambda array, at: plus_ih(array, at[:, ::-1] % array.shape), at_once=2**20)
@catches("each part as the first", "_plus_ih", lambda array, at: plus_ih(array, 0 * at), at_once=40)
@pytest.mark.parametrize("at_once", [1, 40, 2**20], ids=["one by one", "in parts", "at once"])
def test_derivatives_come_in_the_order_asked_for_however_many_are_worked_out_at_once(at_once):
    nabla = slopes(HALF, *problem())
    nabla_w, nabla_b = nabla.weights[1], nabla.biases[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(witness, "AT_ONCE", at_once)
        found_w = witness.complex_step(*problem(), 1, 2, np.array([[3, 2], [0, 1], [1, 0], [0, 0]]))
        found_b = witness.complex_step(*problem(), 1, 2, np.array([[3], [0], [3]]))
    assert found_w.tolist() == pytest.approx([nabla_w[3, 2], nabla_w[0, 1], nabla_w[1, 0], nabla_w[0, 0]], rel=1e-6)
    assert found_b.tolist() == pytest.approx([nabla_b[3], nabla_b[0], nabla_b[3]], rel=1e-6)


@catches("another network", "complex_step", lambda w, b, *rest: step([-w_l for w_l in w], b, *rest))
@catches("an error of one part in a million", "complex_step", lambda *problem: step(*problem) * (1 + 1e-6))
def test_a_random_sample_of_784_30_10_is_that_of_backprop():
    weights, biases, x, y = problem((784, 30, 10), m=10)
    nabla, rng = backprop(Parameters.of(weights, biases), x, y, FULL), np.random.default_rng(1)
    for layer, expected in enumerate(nabla.weights, start=1):
        at = witness.anywhere(expected.shape, 100, rng)
        found = witness.complex_step(weights, biases, x, y, FULL.factor, layer, at)
        np.testing.assert_allclose(expected[tuple(at.T)], found, rtol=1e-8, atol=1e-12 * np.abs(expected).max())


@catches("complex64", "_plus_ih", lambda array, at: plus_ih(array, at).astype(np.result_type(array, np.complex64)))
def test_float32_parameters_have_their_derivatives_worked_out_in_float64():
    weights, biases, x, y = problem()
    narrow = [w.astype(np.float32) for w in weights]
    found, _ = witness.whole_gradient(narrow, biases, x, y, 1)
    expected, _ = witness.whole_gradient([w.astype(np.float64) for w in narrow], biases, x, y, 1)
    assert [nabla.tolist() for nabla in found] == [nabla.tolist() for nabla in expected]


@catches(
    "with replacement", "anywhere", lambda shape, count, rng: np.stack([rng.integers(0, n, count) for n in shape], 1)
)
def test_a_sample_is_of_different_elements_all_of_them_if_they_are_no_more():
    for count, expected in ((5, 5), (12, 12), (99, 12)):
        at = witness.anywhere((3, 4), count, np.random.default_rng(0))
        assert len({*map(tuple, at.tolist())}) == len(at) == expected
        assert np.zeros((3, 4))[tuple(at.T)].shape == (expected,)
    again = [witness.anywhere((3, 4), 5, np.random.default_rng(seed)).tolist() for seed in (0, 0, 1)]
    assert again[0] == again[1] != again[2]


@catches("columns first", "everywhere", lambda shape: np.argwhere(np.ones(shape[::-1], bool))[:, ::-1])
def test_all_elements_come_in_the_order_in_which_they_lie():
    assert witness.everywhere((2, 3)).tolist() == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]
    assert witness.everywhere((2,)).tolist() == [[0], [1]]


@catches("nothing refused", "complex_step", lambda *problem: np.zeros(1), layer=0, at=[[0, 0]], error=ValueError)
@pytest.mark.parametrize(
    ("layer", "at", "error"),
    [
        pytest.param(0, [[0, 0]], ValueError, id="layer 0, the input"),
        pytest.param(4, [[0, 0]], ValueError, id="a layer too many"),
        pytest.param(1, [[0, 0, 0]], ValueError, id="three numbers for an element"),
        pytest.param(1, [[3, 0]], IndexError, id="a neuron too many"),
        pytest.param(1, [[3]], IndexError, id="a bias too many"),
    ],
)
def test_what_is_no_element_is_refused(layer, at, error):
    with pytest.raises(error, match=r"layer 1 … 3 and rows|out of bounds"):
        witness.complex_step(*problem(), 1, layer, np.array(at))


@catches("a number for nothing", "complex_step", lambda *problem: np.zeros(1))
def test_no_elements_have_no_derivatives():
    assert witness.complex_step(*problem(), 1, 1, np.zeros((0, 2), int)).shape == (0,)
