"""BP1–BP4 give the gradient that two independent witnesses give; each check rejects the faults planted above it.

The faults are planted by putting a textbook version of backprop, wrong in one equation, in the place of scratch's.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from planted import faults

from compare.witness import whole_gradient
from scratch import backprop
from scratch.cost import COSTS, FULL, HALF
from scratch.network import Parameters, feedforward
from scratch.sigmoid import sigmoid_prime
from scratch.taylor import change, taylor_slope
from torch_ref.autograd import gradients
from torch_ref.network import SigmoidMLP

catches, test_a_planted_fault_is_caught = faults("scratch")
right = backprop.backprop
NETWORKS = {
    "no hidden layer": ((4, 3), 3),
    "one hidden layer": ((4, 3, 2), 5),
    "one example": ((3, 4, 2), 1),
    "square layers": ((3, 3, 3, 3), 3),
    "four hidden layers": ((5, 4, 3, 4, 3, 2), 7),
    "one neuron a layer": ((1, 1, 1), 4),
}
networks = pytest.mark.parametrize(("sizes", "m"), NETWORKS.values(), ids=NETWORKS)
costs = pytest.mark.parametrize("cost", COSTS.values(), ids=COSTS)
quick = settings(max_examples=25, derandomize=True, deadline=None, phases=(Phase.explicit, Phase.generate))


def problem(sizes, m, seed=0):
    """A network, and a mini-batch of m examples with one-hot targets."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(m, sizes[0])), np.eye(sizes[-1])[rng.integers(0, sizes[-1], m)]
    return Parameters.random(sizes, rng), x, y


EQUATIONS = {
    "nabla_a": lambda a, y, cost: cost.factor * (a - y),
    "BP1": lambda nabla_a, prime: nabla_a * prime,
    "BP2": lambda w_above, delta_above, prime: delta_above @ w_above * prime,
    "BP3": lambda delta: delta.mean(axis=0),
    "BP4": lambda delta, a_below: delta.T @ a_below / len(delta),
}


def textbook(**wrong):
    """backprop from the equations above, examples as rows, with these in their place."""
    by = EQUATIONS | wrong

    def textbook_backprop(parameters, x, y, cost):
        activations, weights = feedforward(parameters, x), parameters.weights
        primes = [sigmoid_prime(a @ w.T + b) for a, w, b in zip(activations, weights, parameters.biases, strict=False)]
        deltas = [by["BP1"](by["nabla_a"](activations[-1], y, cost), primes[-1])]
        for w, prime in zip(weights[:0:-1], primes[-2::-1], strict=True):
            deltas.insert(0, by["BP2"](w, deltas[0], prime))
        nabla_w = [by["BP4"](delta, a) for delta, a in zip(deltas, activations, strict=False)]
        return Parameters.of(nabla_w, [by["BP3"](delta) for delta in deltas])

    return textbook_backprop


WRONG = {
    "C: y - a": textbook(nabla_a=lambda a, y, cost: cost.factor * (y - a)),
    "C: the factor lost": textbook(nabla_a=lambda a, y, cost: a - y),
    "BP1: no sigma'": textbook(BP1=lambda nabla_a, prime: nabla_a),
    "BP2: no sigma'": textbook(BP2=lambda w, delta, prime: delta @ w),
    "BP2: w not transposed": textbook(BP2=lambda w, delta, prime: delta @ w.T * prime),
    "BP3: summed": textbook(BP3=lambda delta: delta.sum(axis=0)),
    "BP3: of the last example": textbook(BP3=lambda delta: delta[-1]),
    "BP4: transposed": textbook(BP4=lambda delta, a: a.T @ delta / len(delta)),
    "BP4: of the last example": textbook(BP4=lambda delta, a: np.outer(delta[-1], a[-1])),
}
SLIGHTLY = {
    f"{equation}: one part in 100,000,000 off": textbook(**{equation: lambda *of, by=by: by(*of) * (1 + 1e-8)})
    for equation, by in EQUATIONS.items()
}


def catches_each(faulty):
    """Plant each of the faulty versions of backprop: the check below has to fail."""

    def register(check):
        for name, version in faulty.items():
            catches(name, "backprop.backprop", version, sizes=(3, 3, 3, 3), m=3, cost=FULL)(check)
        return check

    return register


@catches_each(SLIGHTLY)
@networks
@costs
def test_the_textbook_that_the_faults_are_planted_in_is_right_without_them(sizes, m, cost):
    found, expected = backprop.backprop(*problem(sizes, m), cost), textbook()(*problem(sizes, m), cost)
    np.testing.assert_allclose(found.vector, expected.vector, rtol=1e-9, atol=1e-14)


@catches_each(WRONG | SLIGHTLY)
@networks
@costs
def test_every_derivative_is_that_of_the_complex_step(sizes, m, cost):
    parameters, x, y = problem(sizes, m)
    nabla = backprop.backprop(parameters, x, y, cost)
    nabla_w, nabla_b = whole_gradient(parameters.weights, parameters.biases, x, y, cost.factor)
    for actual, expected in zip(nabla.weights + nabla.biases, nabla_w + nabla_b, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-14)


@catches_each(WRONG | SLIGHTLY)
@networks
@costs
def test_the_gradient_is_that_of_torchs_autograd(sizes, m, cost):
    parameters, x, y = problem(sizes, m)
    nabla = backprop.backprop(parameters, x, y, cost)
    one_step = [[torch.tensor(a[None]) for a in arrays] for arrays in (parameters.weights, parameters.biases, [x], [y])]
    weights, biases, (x,), (y,) = one_step
    found = gradients(SigmoidMLP(sizes, dtype=torch.float64), weights, biases, x, y, cost.factor)
    for actual, expected in zip(nabla.weights + nabla.biases, found.nabla_w + found.nabla_b, strict=True):
        np.testing.assert_allclose(actual, expected[0].numpy(), rtol=1e-9, atol=1e-14)


@catches("BP3: summed", "backprop.backprop", WRONG["BP3: summed"])
@catches("BP3: of the last example", "backprop.backprop", WRONG["BP3: of the last example"])
@catches("BP4: over a fixed m", "backprop.backprop", textbook(BP4=lambda delta, a: delta.T @ a / 5))
@quick
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 999))
@example(1, 4, 0)
def test_the_gradient_of_two_mini_batches_together_is_the_mean_weighted_by_their_sizes(m, m_more, seed):
    parameters, x, y = problem((3, 4, 2), m + m_more, seed=seed)
    first, more = backprop.backprop(parameters, x[:m], y[:m], HALF), backprop.backprop(parameters, x[m:], y[m:], HALF)
    both = backprop.backprop(parameters, x, y, HALF)
    weighted = (m * first.vector + m_more * more.vector) / (m + m_more)
    np.testing.assert_allclose(both.vector, weighted, rtol=1e-12, atol=1e-15)


def slope(parameters, nabla, x, y, cost):
    """The Taylor test's slope for that gradient of the mini-batch's cost, along a random direction."""
    c, v = parameters.weights + parameters.biases, Parameters.random(parameters.sizes, np.random.default_rng(1))

    def f(c):
        moved = Parameters.of(c[: len(c) // 2], c[len(c) // 2 :])
        return float(cost.value(feedforward(moved, x)[-1].T, y.T))

    return taylor_slope(f, c, nabla.weights + nabla.biases, v.weights + v.biases)


def with_the_right_gradient(f, c, gradient, displacement):
    """scratch.taylor's change, of the problem below, whatever gradient comes."""
    nabla = right(*problem((3, 3, 3, 3), 3), FULL)
    return change(f, c, nabla.weights + nabla.biases, displacement)


@catches_each(WRONG)
@networks
@costs
def test_with_the_gradient_the_taylor_remainder_falls_with_slope_2(sizes, m, cost):
    parameters, x, y = problem(sizes, m)
    assert slope(parameters, backprop.backprop(parameters, x, y, cost), x, y, cost) > 1.9


@catches("any gradient taken for right", "taylor.change", with_the_right_gradient, wrong=WRONG["C: y - a"])
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_with_a_wrong_equation_the_taylor_remainder_falls_with_slope_1(wrong):
    parameters, x, y = problem((3, 3, 3, 3), 3)
    assert slope(parameters, wrong(parameters, x, y, FULL), x, y, FULL) == pytest.approx(1, abs=0.1)
