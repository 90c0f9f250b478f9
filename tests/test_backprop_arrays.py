"""What backprop leaves in its arrays, and what it leaves alone; each check rejects the faults planted above it."""

from __future__ import annotations

import numpy as np
import pytest
from planted import faults

from scratch import backprop
from scratch.cost import FULL, HALF
from scratch.layout import Layout
from scratch.network import Parameters, feedforward, with_constant_input
from scratch.sigmoid import sigmoid_into

catches, test_a_planted_fault_is_caught = faults("scratch.backprop")
right, gradient, backward = backprop.backprop, backprop.Backprop.gradient, backprop.Backprop.backward
SIZES, M = (3, 4, 4, 2), 5
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])


def problem(dtype=np.float64, seed=0):
    """A network, and a mini-batch."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(M, SIZES[0])), np.eye(SIZES[-1])[rng.integers(0, SIZES[-1], M)]
    return Parameters.random(SIZES, rng, dtype), x.astype(dtype), y.astype(dtype)


def arrays_for(parameters):
    """Backprop's arrays, full of NaN, and the gradient that they fill."""
    layout, nabla = Layout(SIZES), parameters.copy()
    memory = np.full((layout.rows, M), np.nan, parameters.vector.dtype)
    return backprop.Backprop(parameters, nabla, HALF, layout, memory), nabla


def after(*steps):
    """A backward pass, or a gradient, after which these are done to the arrays."""

    def faulty(arrays, *arguments):
        (backward if len(arguments) == 1 else gradient)(arrays, *arguments)
        for step in steps:
            step(arrays)

    return faulty


@catches("the scale left out", "Backprop.gradient", lambda arrays, x, y, scale: gradient(arrays, x, y, 1.0), scale=3 / M)
@catches("the mean as well", "Backprop.gradient", lambda arrays, x, y, s: gradient(arrays, x, y, s / len(x)), scale=1.0)
@pytest.mark.parametrize("scale", [1.0, 1 / M, 3 / M], ids=["the sum", "the mean", "eta / m"])
@pytest.mark.parametrize("kind", [float, np.array], ids=["number", "array"])
def test_the_gradient_is_the_sum_over_examples_times_the_scale(scale, kind=float):
    parameters, x, y = problem()
    arrays, nabla = arrays_for(parameters)
    arrays.gradient(with_constant_input(x), y.T, kind(scale))
    expected = M * scale * right(parameters, x, y, HALF).vector
    np.testing.assert_allclose(nabla.vector, expected, rtol=1e-12)
