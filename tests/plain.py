"""A second network under test, written as the textbook has it, in which a mistake can be planted in any equation.

It shares no line with ``scratch``: weights and biases apart, a new array for each equation, gradients those of C.
Layers are counted as the book counts them, 1 … L; layer 0 is the input.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from sys import maxsize

import numpy as np

from compare.side import Block
from compare.trace import Trace, Weights
from scratch.cost import QuadraticCost
from scratch.network import Parameters

Layers = dict[int, np.ndarray]


@dataclass
class Step:
    """One SGD step. ``n`` examples are trained on; ``size`` is m but for the last mini-batch of an epoch."""

    weights: Layers
    biases: Layers
    activations: Layers
    y: np.ndarray
    factor: float
    eta: float
    n: int
    size: int
    zs: Layers = field(default_factory=dict)
    cost: np.ndarray | None = None
    nabla_a: np.ndarray | None = None
    deltas: Layers = field(default_factory=dict)
    nabla_b: Layers = field(default_factory=dict)
    nabla_w: Layers = field(default_factory=dict)
    after: tuple[Layers, Layers] | None = None

    @property
    def m(self) -> int:
        return len(self.y)


def sigmoid(z: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):  # e⁻ᶻ = ∞ gives 0, as it should
        return 1 / (1 + np.exp(-z))


def prime(z: np.ndarray) -> np.ndarray:
    return sigmoid(z) * (1 - sigmoid(z))


Equation = Callable[[Step, int], np.ndarray]
EQUATIONS: dict[str, Equation] = {
    "zs": lambda s, l: s.activations[l - 1] @ s.weights[l].T + s.biases[l],
    "activations": lambda s, l: sigmoid(s.zs[l]),
    "cost": lambda s, L: s.factor / 2 * np.mean(np.sum((s.y - s.activations[L]) ** 2, axis=1)),
    "nabla_a": lambda s, L: s.factor * (s.activations[L] - s.y),
    "BP1": lambda s, L: s.nabla_a * prime(s.zs[L]),
    "BP2": lambda s, l: s.deltas[l + 1] @ s.weights[l + 1] * prime(s.zs[l]),
    "BP3": lambda s, l: np.mean(s.deltas[l], axis=0),
    "BP4": lambda s, l: s.deltas[l].T @ s.activations[l - 1] / s.m,
    "biases": lambda s, l: s.biases[l] - s.eta * s.nabla_b[l],
    "weights": lambda s, l: s.weights[l] - s.eta * s.nabla_w[l],
}


@dataclass(frozen=True)
class Mistake:
    """A wrong version of one equation. ``square``: it needs the layer, or the one above it, to be as wide as below."""

    equation: str
    wrong: Equation
    square: int | None = None

    def layers(self, sizes: tuple[int, ...]) -> list[int]:
        """The layers of such a network where it can be made."""
        L = len(sizes) - 1
        where = {"cost": [L], "nabla_a": [L], "BP1": [L], "BP2": range(1, L)}.get(self.equation, range(1, L + 1))
        return [l for l in where if self.square is None or sizes[l + self.square - 1] == sizes[l + self.square]]


def one_weight_gradient_off(eps: float, j: int = 0, k: int = 0) -> Mistake:
    """∂C/∂w_jk is too large by that relative error; all else is right."""

    def wrong(s: Step, l: int) -> np.ndarray:
        nabla = EQUATIONS["BP4"](s, l)
        nabla[j, k] *= 1 + eps
        return nabla

    return Mistake("BP4", wrong)


ALWAYS = range(maxsize)


def from_step(step: int) -> range:
    """That step and all after it."""
    return ALWAYS[step:]


class PlainSide:
    """The network in training, with that mistake in that layer, or in all, in the steps that ``steps`` contains."""

    def __init__(
        self,
        start: Parameters,
        cost: QuadraticCost,
        eta: float,
        mistake: Mistake | None = None,
        layer: int | None = None,
        steps: Container[int] = ALWAYS,
        n: int = 1000,
    ) -> None:
        self.weights = {l: w.copy() for l, w in enumerate(start.weights, start=1)}
        self.biases = {l: b.copy() for l, b in enumerate(start.biases, start=1)}
        self.factor, self.eta, self.n, self.size = cost.factor, eta, n, 0
        self.mistake, self.layer, self.steps, self.taken = mistake, layer, steps, 0

    def advance(self, block: Block) -> tuple[Weights, Trace]:
        steps = [self._take(x, y) for x, y in zip(block.x, block.y, strict=True)]
        before = [(s.weights, s.biases) for s in steps]
        return _weights(before), _trace(steps)

    def _take(self, x: np.ndarray, y: np.ndarray) -> Step:
        self.size = max(self.size, len(x))
        s = Step(self.weights, self.biases, {0: x.copy()}, y.copy(), self.factor, self.eta, self.n, self.size)
        L = len(s.weights)
        for l in range(1, L + 1):
            s.zs[l] = self._by("zs", s, l)
            s.activations[l] = self._by("activations", s, l)
        s.cost = self._by("cost", s, L)
        s.nabla_a = self._by("nabla_a", s, L)
        for l in range(L, 0, -1):
            s.deltas[l] = self._by("BP1" if l == L else "BP2", s, l)
            s.nabla_b[l] = self._by("BP3", s, l)
            s.nabla_w[l] = self._by("BP4", s, l)
        self.weights = {l: self._by("weights", s, l) for l in s.weights}
        self.biases = {l: self._by("biases", s, l) for l in s.biases}
        s.after = self.weights, self.biases
        self.taken += 1
        return s

    def _by(self, equation: str, s: Step, l: int) -> np.ndarray:
        planted = self.mistake and self.mistake.equation == equation and self.layer in (None, l)
        return (self.mistake.wrong if planted and self.taken in self.steps else EQUATIONS[equation])(s, l)


def _trace(steps: list[Step]) -> Trace:
    of = {name: _stack([getattr(s, name) for s in steps]) for name in ("zs", "deltas", "nabla_b", "nabla_w")}
    return Trace(
        activations=_stack([s.activations for s in steps])[1:],
        cost=np.array([s.cost for s in steps]),
        nabla_a=np.array([s.nabla_a for s in steps]),
        after=_weights([s.after for s in steps]),
        **of,
    )


def _weights(steps: list[tuple[Layers, Layers]]) -> Weights:
    return Weights(_stack([w for w, _ in steps]), _stack([b for _, b in steps]))


def _stack(steps: list[Layers]) -> list[np.ndarray]:
    """A dictionary of layers for each step, as a list of layers with the steps as first axis."""
    return [np.array([layers[l] for layers in steps]) for l in sorted(steps[0])]
