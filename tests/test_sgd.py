"""Every step goes down the gradient by η, and descent stops where it is told; each check rejects planted faults."""

from __future__ import annotations

import numpy as np
import pytest
from planted import faults

from scratch import sgd
from scratch.backprop import backprop
from scratch.cost import COSTS, HALF
from scratch.network import Parameters, feedforward, with_constant_input

catches, test_a_planted_fault_is_caught = faults("scratch.sgd")
init, take, descent = sgd.Steps.__init__, sgd.Steps.take, sgd.gradient_descent
K, M, ETA = 3, 4, 0.5


def widened(parameters):
    return Parameters(parameters.sizes, parameters.vector.astype(np.float64))


def problem():
    """A network, and K mini-batches of M examples."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(K, M, 2)), np.eye(3)[rng.integers(0, 3, (K, M))]
    return Parameters.random((2, 4, 3), rng), x, y


def recorded(cost=HALF):
    """K steps on those mini-batches."""
    start, x, y = problem()
    steps = sgd.Steps(start, cost, M, K)
    for k in range(K):
        steps.take(k, with_constant_input(x[k]), y[k].T, ETA)
    return steps


def from_the_start(steps, k, x, y, eta):
    """A step by the gradient that the first parameters have."""
    kept = steps.vectors[k].copy()
    steps.vectors[k] = steps.vectors[0]
    take(steps, k, x, y, eta)
    steps.vectors[k] = kept
    steps.vectors[k + 1] = kept - steps.steps[k]


@catches("up the gradient", "Steps.take", lambda s, k, x, y, eta: take(s, k, x, y, -eta), name="half")
@catches("eta left out", "Steps.take", lambda s, k, x, y, eta: take(s, k, x, y, 1.0), name="half")
@catches("eta over m twice", "Steps.take", lambda s, k, x, y, eta: take(s, k, x, y, eta / s.m), name="full")
@catches("the gradient of the start", "Steps.take", from_the_start, name="half")
@pytest.mark.parametrize("name", COSTS)
def test_each_step_is_w_minus_eta_nabla_from_where_the_one_before_it_ended(name):
    steps, (start, x, y) = recorded(COSTS[name]), problem()
    assert steps.vectors[0].tolist() == start.vector.tolist()
    assert len(steps.vectors) == len(steps.parameters) == K + 1
    for k in range(K):
        nabla = backprop(steps.parameters[k], x[k], y[k], COSTS[name])
        np.testing.assert_allclose(steps.steps[k], ETA * nabla.vector, rtol=1e-12, atol=1e-16)
        np.testing.assert_array_equal(steps.vectors[k + 1], steps.vectors[k] - steps.steps[k])


@catches("only the last", "Steps.take", lambda s, k, *rest: [take(s, k, *rest), np.copyto(s.memory[:k], s.memory[k])])
@catches("only the first", "Steps.take", lambda s, k, *rest: [take(s, k, *rest), np.copyto(s.memory[k], s.memory[0])])
def test_every_array_of_every_step_is_kept():
    steps, (_, x, y) = recorded(), problem()
    for k in range(K):
        kept, activations = steps.memory[k], feedforward(steps.parameters[k], x[k])
        for rows, a in zip(steps.layout.activations, activations[1:], strict=True):
            np.testing.assert_allclose(kept[rows].T, a, rtol=1e-12)
        np.testing.assert_allclose(kept[steps.layout.nabla_a].T, activations[-1] - y[k], rtol=1e-12)
        delta_sums = [kept[rows].sum(axis=1) * ETA / M for rows in steps.layout.deltas]
        for total, step in zip(delta_sums, Parameters(steps.parameters[k].sizes, steps.steps[k]).biases, strict=True):
            np.testing.assert_allclose(step, total, rtol=1e-12)  # BP3


@catches("the start used up", "Steps.__init__", lambda s, start, *rest: init(s, start, *rest) or start.vector.fill(0))
def test_the_parameters_that_the_steps_start_from_stay_as_they_are():
    start, x, y = problem()
    kept = start.vector.tolist()
    sgd.Steps(start, HALF, M, 1).take(0, with_constant_input(x[0]), y[0].T, ETA)
    assert start.vector.tolist() == kept


@catches("always float64", "Steps.__init__", lambda s, start, *rest: init(s, widened(start), *rest))
def test_steps_of_float32_are_kept_in_float32():
    start, *_ = problem()
    steps = sgd.Steps(Parameters(start.sizes, start.vector.astype(np.float32)), HALF, M, K)
    assert {array.dtype for array in (steps.memory, steps.steps, steps.vectors)} == {np.dtype(np.float32)}


def descend(steps):
    """Gradient descent of so many steps on all examples at once, and what its condition was asked on the way."""
    start, x, y = problem()
    asked = []

    def termination(k, nabla):
        asked.append((k, nabla.vector.copy()))
        return k == steps

    x, y = x.reshape(-1, 2), y.reshape(-1, 3)
    found = sgd.gradient_descent(start, x, y, cost=HALF, eta=ETA, termination=termination)
    return found, asked, x, y


def told_late(*problem, termination, **settings):
    """Gradient descent that asks its condition after the first step only."""
    return descent(*problem, termination=lambda k, nabla: k > 0 and termination(k - 1, nabla), **settings)


@catches("asked too late", "gradient_descent", told_late, steps=3)
@catches("eta left out", "gradient_descent", lambda *a, eta, **rest: descent(*a, eta=1.0, **rest), steps=3)
@catches("y forgotten", "gradient_descent", lambda p, x, y, **rest: descent(p, x, 0 * y, **rest), steps=1)
@pytest.mark.parametrize("steps", [0, 1, 3])
def test_descent_stops_where_its_condition_is_met_and_each_step_follows_the_exact_gradient(steps):
    found, asked, x, y = descend(steps)
    expected, *_ = problem()
    for k, nabla in asked:
        np.testing.assert_allclose(nabla, backprop(expected, x, y, HALF).vector, rtol=1e-9)
        expected = Parameters(expected.sizes, expected.vector - (ETA * nabla if k < steps else 0))
    assert [k for k, _ in asked] == list(range(steps + 1))
    np.testing.assert_allclose(found.vector, expected.vector, rtol=1e-12)


@catches("up the gradient", "backprop", lambda *a: Parameters((2, 4, 3), -backprop(*a).vector))
def test_each_step_of_descent_lowers_the_cost():
    costs = []
    for steps in range(8):
        found, _, x, y = descend(steps)
        costs.append(float(HALF.value(feedforward(found, x)[-1].T, y.T)))
    assert (np.diff(costs) < 0).all()


@catches(
    "another condition",
    "gradient_descent",
    lambda *a, termination, **rest: descent(*a, termination=lambda k, _: k > 2, **rest),
)
def test_the_condition_can_be_that_the_gradient_is_small():
    start, x, y = problem()
    x, y = x.reshape(-1, 2), y.reshape(-1, 3)
    small = 0.5 * np.linalg.norm(backprop(start, x, y, HALF).vector)
    found = sgd.gradient_descent(
        start, x, y, cost=HALF, eta=ETA, termination=lambda _, nabla: bool(np.linalg.norm(nabla.vector) < small)
    )
    assert np.linalg.norm(backprop(found, x, y, HALF).vector) < small
