"""The derivation as one SGD step after another, equation by equation, in which any equation can be a wrong one.

Layers are counted as the book counts them, 1 … L; layer 0 is the input. A mistake is given the right version of its
equation, as the other mistakes left it, so that several can be made at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from compare.diagnosis.case import Case, Observed, Shown
from compare.trace import Trace, Weights

Layers = dict[int, np.ndarray]
Equation = Callable[["Step", int], np.ndarray]
Wrong = Callable[["Step", int, Equation], np.ndarray]
N = 1000  # the size of the training set, where nothing tells it


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


FORWARD = {"z = wa + b", "a = σ(z)", "σ′"}  # those that come before any of δ


def layers_of(equation: str, L: int) -> range:
    """The layers that an equation is for."""
    return {"∂C/∂a": range(L, L + 1), "BP1": range(L, L + 1), "BP2": range(1, L)}.get(equation, range(1, L + 1))


@dataclass(frozen=True)
class Planted:
    """A wrong version of one equation, in that layer, or in all that it is for."""

    equation: str
    wrong: Wrong
    layer: int | None = None


def of_z(z: np.ndarray) -> Step:
    """A step of one layer with these z and their activations, for the equations that are functions of z alone."""
    step = Step({1: np.eye(1)}, {1: np.zeros(1)}, {0: z}, z, 1.0, 1.0, 1.0, 1.0, {}, zs={1: z})
    step.activations[1] = EQUATIONS["a = σ(z)"](step, 1)
    return step


class Derivation:
    """An implementation with those mistakes, or none. It may remember what it has seen, as some mistakes do."""

    def __init__(self, planted: Sequence[Planted] = (), n: float = N) -> None:
        """``n`` is the size of the training set that it takes itself to be in."""
        self.planted, self.n = tuple(planted), n
        self.wrong = {one.equation for one in planted}
        self.memory: dict[Any, Any] = {}

    def observe(self, case: Case) -> Observed:
        """All that there is to see. Raises ValueError where a mistake asks for shapes that the case has not."""
        with np.errstate(all="ignore"):
            return Observed(_trace(*self._take(case)))

    def _take(self, case: Case) -> tuple[Step, Layers, Layers]:
        s = self._right_forward(case) if FORWARD.isdisjoint(self.wrong) else self._forward(case)
        s.nabla_a = self._by("∂C/∂a", s, s.L)
        for l in range(s.L, 0, -1):
            s.deltas[l] = self._by("BP1" if l == s.L else "BP2", s, l)
            s.nabla_b[l] = self._by("BP3", s, l)
            s.nabla_w[l] = self._by("BP4", s, l)
        after_b = {l: self._by("SGD b", s, l) for l in s.biases}
        after_w = {l: self._by("SGD w", s, l) for l in s.weights}
        return s, after_w, after_b

    def _forward(self, case: Case) -> Step:
        weights, biases = dict(enumerate(case.weights, start=1)), dict(enumerate(case.biases, start=1))
        over = case.m / case.scale
        s = Step(weights, biases, {0: case.x}, case.y, case.factor, over, case.eta, self.n, self.memory)
        for l in range(1, s.L + 1):
            s.zs[l] = self._by("z = wa + b", s, l)
            s.activations[l] = self._by("a = σ(z)", s, l)
            s.primes[l] = self._by("σ′", s, l)
        return s

    def _right_forward(self, case: Case) -> Step:
        """A copy of what is worked out once for thousands of derivations whose mistakes come later."""
        s = copy(_forward_of(case))
        s.weights, s.biases, s.deltas, s.nabla_b, s.nabla_w = dict(s.weights), dict(s.biases), {}, {}, {}
        s.zs, s.activations, s.primes = _copies(s.zs), _copies(s.activations), _copies(s.primes)
        s.n, s.memory = self.n, self.memory
        return s

    def _by(self, name: str, s: Step, l: int) -> np.ndarray:
        equation = EQUATIONS[name]
        for planted in self.planted if name in self.wrong else ():
            if planted.equation == name and planted.layer in (None, l):
                equation = _with(planted.wrong, equation)
        return equation(s, l)


@lru_cache(maxsize=16)
def _forward_of(case: Case) -> Step:
    return Derivation()._forward(case)


def _copies(layers: Layers) -> Layers:
    return {l: array.copy() for l, array in layers.items()}


def _with(wrong: Wrong, right: Equation) -> Equation:
    return lambda s, l: wrong(s, l, right)


def _trace(s: Step, after_w: Layers, after_b: Layers) -> Trace:
    """δ is that of one example's cost, whatever the gradient of the mini-batch is: sum or mean."""
    trace = Shown()
    trace.zs, trace.activations = _list(s.zs), _list({l: a for l, a in s.activations.items() if l})
    trace.deltas, trace.nabla_b, trace.nabla_w = _list(s.deltas), _list(s.nabla_b), _list(s.nabla_w)
    trace.after = Weights(_list(after_w), _list(after_b))
    return trace


def _list(layers: Layers) -> list[np.ndarray]:
    return [layers[l][None] for l in sorted(layers)]
