"""What backprop leaves in its arrays, and what it leaves alone; each check rejects the faults planted above it."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
from planted import faults

from compare.witness import whole_gradient
from scratch import backprop
from scratch.cost import HALF
from scratch.layout import Layout
from scratch.network import Parameters, feedforward, with_constant_input
from scratch.sigmoid import sigmoid_into, sigmoid_prime

catches, test_a_planted_fault_is_caught = faults("scratch.backprop")
right, gradient, backward = backprop.backprop, backprop.Backprop.gradient, backprop.Backprop.backward
SIZES, M = (3, 4, 4, 2), 5
GROWING = count(2)


def problem(dtype=np.float64):
    """A network, and a mini-batch of M examples."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(M, SIZES[0])), np.eye(SIZES[-1])[rng.integers(0, SIZES[-1], M)]
    return Parameters.random(SIZES, rng, dtype), x.astype(dtype), y.astype(dtype)


def recorder(parameters):
    """Backprop's arrays, made in memory that is full of something else, and the gradient that they will fill."""
    layout, nabla, dtype = Layout(SIZES), parameters.copy(), parameters.vector.dtype
    memory = np.full((layout.rows, M), np.finfo(dtype).max, dtype)
    return backprop.Backprop(parameters, nabla, HALF, layout, memory), nabla


def witnessed(parameters, x, y):
    """∇C by complex steps, as the vector of the parameters is."""
    return Parameters.of(*whole_gradient(parameters.weights, parameters.biases, x, y, HALF.factor)).vector


def then(change):
    """The right backward pass, and then a change of its arrays."""
    return lambda arrays, y: [backward(arrays, y), change(arrays)]


def misplaced(name, place):
    """A Layout that is wrong about the place of that name."""

    def wrong(sizes):
        layout = Layout(sizes)
        setattr(layout, name, place(layout))
        return layout

    return wrong


@catches("no scale", "Backprop.gradient", lambda b, x, y, scale: gradient(b, x, y, 1.0), scale=30 / M, kind=float)
@catches("scale / m", "Backprop.gradient", lambda b, x, y, scale: gradient(b, x, y, scale / M), scale=1.0, kind=float)
@pytest.mark.parametrize("kind", [float, np.array], ids=["number", "array"])
@pytest.mark.parametrize("scale", [1.0, 1 / M, 30 / M], ids=["the sum", "the mean", "eta over m"])
def test_the_gradient_is_the_sum_over_the_examples_times_the_scale(scale, kind):
    parameters, x, y = problem()
    arrays, nabla = recorder(parameters)
    arrays.gradient(with_constant_input(x), y.T, kind(scale))
    np.testing.assert_allclose(nabla.vector, M * scale * witnessed(parameters, x, y), rtol=1e-9, atol=1e-14)


@catches("a in place of z", "sigmoid_into", lambda z, a, *rest: [sigmoid_into(z, a, *rest), np.copyto(z, a)])
@catches("z in place of a", "sigmoid_into", lambda z, a, *rest: np.copyto(a, z))
def test_z_and_a_of_every_layer_are_left_to_be_read():
    parameters, x, _ = problem()
    arrays, _ = recorder(parameters)
    arrays.feedforward(with_constant_input(x))
    below = feedforward(parameters, x)
    for l, (w, b) in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
        np.testing.assert_allclose(arrays.zs[l].T, below[l] @ w.T + b, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(arrays.activations[l].T, below[l + 1], rtol=1e-12)


@catches("divided by m", "Backprop.backward", then(lambda arrays: [np.divide(d, M, out=d) for d in arrays.deltas]))
@catches("from the first layer up", "Backprop.backward", then(lambda arrays: arrays.deltas.reverse()))
@catches("y - a", "Backprop.backward", then(lambda arrays: np.negative(arrays.nabla_a, out=arrays.nabla_a)))
def test_nabla_a_and_delta_of_every_layer_are_left_to_be_read_without_the_scale():
    parameters, x, y = problem()
    arrays, _ = recorder(parameters)
    arrays.gradient(with_constant_input(x), y.T, 1 / M)
    t = arrays.activations[-1] - y.T  # ∂C/∂a
    np.testing.assert_array_equal(arrays.nabla_a, t)
    for z, delta, w_T in zip(arrays.zs[::-1], arrays.deltas[::-1], parameters.weights_T[::-1], strict=True):
        np.testing.assert_allclose(delta, t * sigmoid_prime(z), rtol=1e-9, atol=1e-14)  # BP1, BP2
        t = w_T @ delta


@catches("the first x kept", "Backprop.gradient", lambda b, x, y, s: gradient(b, vars(b).setdefault("x", x), y, s))
@catches("added up", "Backprop.gradient", lambda b, x, y, s: gradient(b, x, y, s * next(GROWING)))
def test_the_arrays_can_be_filled_again():
    parameters, x, y = problem()
    arrays, nabla = recorder(parameters)
    for part in (x, 2 * x, x):
        arrays.gradient(with_constant_input(part), y.T, 1 / M)
        np.testing.assert_allclose(nabla.vector, witnessed(parameters, part, y), rtol=1e-9, atol=1e-14)


@catches("delta over z", "Layout", misplaced("deltas", lambda layout: layout.zs))
@catches("nabla_a over delta", "Layout", misplaced("nabla_a", lambda layout: layout.deltas[-1]))
@catches("memory a row short", "Layout", misplaced("rows", lambda layout: layout.rows - 1))
def test_no_number_is_kept_in_the_place_of_another():
    layout = backprop.Layout(SIZES)
    places = [*layout.zs, *layout.activations, *layout.deltas, layout.nabla_a]
    rows = [row for place in places for row in range(place.start, place.stop)]
    assert len(set(rows)) == len(rows) == 3 * sum(SIZES[1:]) + SIZES[-1]
    assert set(rows).isdisjoint(layout.constant_inputs + layout.all_activations.start)
    assert max(rows) + 1 == layout.rows


@catches("float64 out", "backprop", lambda p, *rest: Parameters(p.sizes, right(p, *rest).vector.astype(float)))
@catches("float16 inside", "backprop", lambda p, x, *rest: right(p, x.astype(np.float16).astype(x.dtype), *rest))
def test_float32_in_gives_float32_out_and_its_precision():
    parameters, x, y = problem(np.float32)
    nabla = backprop.backprop(parameters, x, y, HALF)
    wide = right(Parameters(SIZES, parameters.vector.astype(float)), x.astype(float), y.astype(float), HALF)
    assert nabla.vector.dtype == np.float32
    np.testing.assert_allclose(nabla.vector, wide.vector, rtol=1e-5, atol=1e-8)


@catches("parameters moved", "backprop", lambda p, x, y, c: [right(p, x, y, c), p.vector.fill(0)][0])
@catches("x standardised in place", "backprop", lambda p, x, y, c: [right(p, x, y, c), np.divide(x, 2, out=x)][0])
@catches("a - y in place of y", "backprop", lambda p, x, y, c: [right(p, x, y, c), np.negative(y, out=y)][0])
def test_neither_the_parameters_nor_the_mini_batch_are_changed():
    parameters, x, y = problem()
    backprop.backprop(parameters, x, y, HALF)
    kept, x_kept, y_kept = problem()
    assert parameters.vector.tolist() == kept.vector.tolist()
    assert (x.tolist(), y.tolist()) == (x_kept.tolist(), y_kept.tolist())
