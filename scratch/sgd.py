"""Learning: gradient descent until a termination condition, and stochastic gradient descent in mini-batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scratch.backprop import Backprop, backprop, check_examples
from scratch.layout import Layout
from scratch.network import Parameters, classify, feedforward, with_constant_input

if TYPE_CHECKING:
    from jaxtyping import Float

    from scratch.cost import QuadraticCost


class Steps:
    """K consecutive SGD steps, with every array of every step kept.

    memory   (K, rows, m)  z, a, δ and ∂C/∂a of each step, where ``layout`` says
    steps    (K, P)        η∇C of each step
    vectors  (K + 1, P)    the parameters before each step, and after the last
    """

    def __init__(self, start: Parameters, cost: QuadraticCost, m: int, count: int) -> None:
        dtype, P = start.vector.dtype, start.vector.size
        self.layout = Layout(start.sizes)
        self.m = m
        self.memory = np.zeros((count, self.layout.rows, m), dtype)
        self.steps = np.zeros((count, P), dtype)
        self.vectors = np.zeros((count + 1, P), dtype)
        self.vectors[0] = start.vector
        self.parameters = [Parameters(start.sizes, vector) for vector in self.vectors]
        self._arrays = [
            Backprop(w, Parameters(start.sizes, step), cost, self.layout, memory)
            for w, step, memory in zip(self.parameters, self.steps, self.memory, strict=False)
        ]

    def take(self, k: int, x: Float[np.ndarray, "m inputs"], y: Float[np.ndarray, "n_L m"], eta: float) -> None:
        """Step k: from ``vectors[k]`` to ``vectors[k + 1]``."""
        self._arrays[k].gradient(x, y, eta / self.m)  # (η/m) Σ_x ∂C_x/∂w
        np.subtract(self.vectors[k], self.steps[k], self.vectors[k + 1])  # w → w − (η/m) Σ_x ∂C_x/∂w


@dataclass(frozen=True)
class Epoch:
    """What is known after one pass over the training data: accuracy on validation data, which it never sees."""

    number: int
    parameters: Parameters
    accuracy: float


def sgd(
    parameters: Parameters,
    training: tuple[Float[np.ndarray, "n n_0"], Float[np.ndarray, "n n_L"]],
    validation: tuple[Float[np.ndarray, "v n_0"], Float[np.ndarray, "v n_L"]],
    *,
    cost: QuadraticCost,
    eta: float,
    m: int,
    epochs: int,
    rng: np.random.Generator,
) -> Iterator[Epoch]:
    """Mini-batch SGD: an epoch is one pass over the training data in random order, m examples a step.

    The last mini-batch of an epoch may be smaller; its mean is over its own examples. Examples are rows.
    Raises ValueError, before the first epoch, where the training examples do not fit the parameters, m < 1 or η is not
    above 0.
    """
    check_examples(parameters, *training)
    _check_eta(eta)
    if m < 1:
        raise ValueError(f"m is {m}; a mini-batch has 1 example or more")
    w, nabla, layout = parameters.copy(), parameters.copy(), Layout(parameters.sizes)
    x, y = with_constant_input(training[0]), training[1].T
    arrays: dict[int, Backprop] = {}
    for number in range(1, epochs + 1):
        order = rng.permutation(len(x))
        for batch in np.split(order, range(m, len(order), m)):
            if (size := len(batch)) not in arrays:
                arrays[size] = Backprop(w, nabla, cost, layout, np.empty((layout.rows, size), x.dtype))
            arrays[size].gradient(x[batch], y[:, batch], eta / size)  # (η/m) Σ_x ∂C_x/∂w
            np.subtract(w.vector, nabla.vector, w.vector)  # w → w − (η/m) Σ_x ∂C_x/∂w
        yield Epoch(number, w.copy(), accuracy(w, *validation))


def gradient_descent(
    parameters: Parameters,
    x: Float[np.ndarray, "n n_0"],
    y: Float[np.ndarray, "n n_L"],
    *,
    cost: QuadraticCost,
    eta: float,
    termination: Callable[[int, Parameters], bool],
) -> Parameters:
    """While the termination condition is not met: w := w − η ∂C/∂w, with the exact gradient of all n examples.

    ``termination(k, nabla)`` is asked before step k = 0, 1, …, with the gradient that the step would follow.
    Raises ValueError where the examples do not fit the parameters, or η is not above 0.
    """
    _check_eta(eta)
    k = 0
    while not termination(k, nabla := backprop(parameters, x, y, cost)):
        parameters = Parameters(parameters.sizes, parameters.vector - eta * nabla.vector)
        k += 1
    return parameters


def _check_eta(eta: float) -> None:
    if not 0 < eta < np.inf:
        raise ValueError(f"eta is {eta}; a step goes down the gradient for a finite η above 0")


def accuracy(parameters: Parameters, x: Float[np.ndarray, "n n_0"], y: Float[np.ndarray, "n n_L"]) -> float:
    """The share of examples whose most active output neuron is the labelled one."""
    return float(np.mean(classify(feedforward(parameters, x)[-1]) == classify(y)))
