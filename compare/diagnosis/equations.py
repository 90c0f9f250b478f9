"""The equations of one SGD step, a line each, as functions of what is known so far.

Layers are counted as the book counts them, 1 … L; layer 0 is the input.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Layers = dict[int, np.ndarray]
Equation = Callable[["Step", int], np.ndarray]
Wrong = Callable[["Step", int, Equation], np.ndarray]


@dataclass
class Step:
    """One mini-batch on its way through the equations.

    ``over`` is what the sum over the mini-batch is divided by: m, or 1 where the cost is the sum. ``memory`` is what a
    careless implementation keeps from one mini-batch to the next.
    """

    weights: Layers
    biases: Layers
    activations: Layers
    y: np.ndarray
    factor: float
    over: float
    eta: float
    n: float
    memory: dict[Any, Any]
    zs: Layers = field(default_factory=dict)
    nabla_a: np.ndarray = field(default_factory=lambda: np.zeros(0))
    primes: Layers = field(default_factory=dict)
    deltas: Layers = field(default_factory=dict)
    nabla_b: Layers = field(default_factory=dict)
    nabla_w: Layers = field(default_factory=dict)

    @property
    def m(self) -> int:
        """The number of examples."""
        return len(self.y)

    @property
    def L(self) -> int:
        """The number of the output layer."""
        return len(self.weights)


def sigmoid(z: np.ndarray) -> np.ndarray:
    """σ(z) = 1 / (1 + e⁻ᶻ), whose e⁻ᶻ may be ∞, which gives 0, as it should."""
    return 1 / (1 + np.exp(-z))


def prime(z: np.ndarray) -> np.ndarray:
    """σ′(z) = σ(z)(1 − σ(z))."""
    a = sigmoid(z)
    return a * (1 - a)


EQUATIONS: dict[str, Equation] = {
    "z = wa + b": lambda s, l: s.activations[l - 1] @ s.weights[l].T + s.biases[l],
    "a = σ(z)": lambda s, l: sigmoid(s.zs[l]),
    "∂C/∂a": lambda s, L: s.factor * (s.activations[L] - s.y),
    "σ′": lambda s, l: prime(s.zs[l]),
    "BP1": lambda s, L: s.nabla_a * s.primes[L],
    "BP2": lambda s, l: s.deltas[l + 1] @ s.weights[l + 1] * s.primes[l],
    "BP3": lambda s, l: s.deltas[l].sum(axis=0) / s.over,
    "BP4": lambda s, l: s.deltas[l].T @ s.activations[l - 1] / s.over,
    "SGD b": lambda s, l: s.biases[l] - s.eta * s.nabla_b[l],
    "SGD w": lambda s, l: s.weights[l] - s.eta * s.nabla_w[l],
}


def layers_of(equation: str, L: int) -> range:
    """The layers that an equation is for."""
    return {"∂C/∂a": range(L, L + 1), "BP1": range(L, L + 1), "BP2": range(1, L)}.get(equation, range(1, L + 1))
