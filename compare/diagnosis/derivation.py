"""The derivation as one SGD step after another, equation by equation, in which any equation can be a wrong one.

A mistake is given the right version of its equation, as the other mistakes left it: several can be made at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from compare.diagnosis.case import Case, Observed, Shown
from compare.diagnosis.equations import EQUATIONS, Equation, Layers, Step, Wrong
from compare.trace import LAYERED, Trace, Weights

N = 1000  # the size of the training set, where nothing tells it
FORWARD = {"z = wa + b", "a = σ(z)", "σ′"}  # those that come before any of δ


@dataclass(frozen=True)
class Planted:
    """A wrong version of one equation, in that layer, or in all that it is for."""

    equation: str
    wrong: Wrong
    layer: int | None = None


class Derivation:
    """An implementation with those mistakes, or none. It may remember what it has seen, as some mistakes do."""

    def __init__(self, planted: Sequence[Planted] = (), n: float = N) -> None:
        """``n`` is the size of the training set that it takes itself to be in."""
        self.planted, self.n = tuple(planted), n
        self.wrong = {one.equation for one in planted}
        self.memory: dict[Any, Any] = {}

    def observe(self, case: Case) -> Observed:
        """All that there is to see. Raises ValueError where a mistake asks for shapes that the case has not."""
        layers: dict[str, Layers] = defaultdict(dict)
        with np.errstate(all="ignore"):
            for name, l, array in self.quantities(case):
                layers[name][l] = array.copy()  # of what several derivations share
        return Observed(_trace(layers))

    def quantities(self, case: Case) -> Iterator[tuple[str, int, np.ndarray]]:
        """The same one by one, by name and layer, as soon as each is worked out. Raises ValueError as ``observe``."""
        s = self._right_forward(case) if FORWARD.isdisjoint(self.wrong) else self._forward(case)
        for l in range(1, s.L + 1):
            yield "zs", l, s.zs[l]
            yield "activations", l, s.activations[l]
        s.nabla_a = self._by("∂C/∂a", s, s.L)
        for l in range(s.L, 0, -1):
            s.deltas[l] = self._by("BP1" if l == s.L else "BP2", s, l)
            yield "deltas", l, s.deltas[l]
            s.nabla_b[l] = self._by("BP3", s, l)
            yield "nabla_b", l, s.nabla_b[l]
            yield "biases", l, self._by("SGD b", s, l)
            s.nabla_w[l] = self._by("BP4", s, l)
            yield "nabla_w", l, s.nabla_w[l]
            yield "weights", l, self._by("SGD w", s, l)

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
        """What is worked out once for thousands of derivations whose mistakes come later."""
        s = _forward_of(case)
        weights, biases, activations = dict(s.weights), dict(s.biases), dict(s.activations)
        known = (s.y, s.factor, s.over, s.eta, self.n, self.memory)
        return Step(weights, biases, activations, *known, zs=dict(s.zs), primes=dict(s.primes))

    def _by(self, name: str, s: Step, l: int) -> np.ndarray:
        equation = EQUATIONS[name]
        for planted in self.planted if name in self.wrong else ():
            if planted.equation == name and planted.layer in (None, l):
                equation = _with(planted.wrong, equation)
        return equation(s, l)


def of_z(z: np.ndarray, planted: Sequence[Planted] = ()) -> Step:
    """A step of one layer with these z, and the a and σ′ that come of them, as far as they are functions of z alone.

    Raises ValueError, IndexError or KeyError where a mistake is about more than that.
    """
    derivation = Derivation(planted)
    step = Step({1: np.eye(1)}, {1: np.zeros(1)}, {0: z}, z, 1.0, 1.0, 1.0, 1.0, {}, zs={1: z})
    step.activations[1] = derivation._by("a = σ(z)", step, 1)
    step.primes[1] = derivation._by("σ′", step, 1)
    return step


@lru_cache(maxsize=16)
def _forward_of(case: Case) -> Step:
    return Derivation()._forward(case)


def _with(wrong: Wrong, right: Equation) -> Equation:
    return lambda s, l: wrong(s, l, right)


def _trace(layers: dict[str, Layers]) -> Trace:
    """δ is that of one example's cost, whatever the gradient of the mini-batch is: sum or mean."""
    of = {name: _list(arrays) for name, arrays in layers.items()}
    shown = Shown(after=Weights(of["weights"], of["biases"]))
    for name in LAYERED:
        setattr(shown, name, of[name])
    return shown


def _list(layers: Layers) -> list[np.ndarray]:
    return [layers[l][None] for l in sorted(layers)]
