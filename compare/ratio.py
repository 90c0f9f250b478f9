"""r, the difference of two tensors in units of what rounding can explain: for every tensor of every step of a block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from compare.key import Key, keys, tensor
from compare.precision import Precision
from compare.tolerance import NEGLIGIBLE, Bounds, Outer
from compare.trace import Trace, Weights

if TYPE_CHECKING:
    from jaxtyping import Float

CACHED = 2**15  # numbers: 256 KiB in float64

Ratios = dict[Key, np.ndarray]  # (K,) for each tensor of the trace


@dataclass(frozen=True)
class Comparison:
    """Two traces of the same K steps, from the parameters ``before``, and the bound on what may lie between them.

    ``precision`` is the actual side's, for its update rule: w′ is held against w − η∇C with the side's own ∇C, so
    that a wrong gradient is BP3's or BP4's fault and not charged twice.
    """

    before: Weights
    actual: Trace
    expected: Trace
    bound: Bounds
    eta: float
    precision: Precision

    def ratios(self) -> Ratios:
        """The largest |actual − expected| / bound of each tensor in each step; NaN where either side is not finite."""
        found = keys(len(self.before.weights))
        return {key: self._sgd(key) if key.equation == "SGD" else self._ratio(key) for key in found}

    def elements(self, key: Key, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Actual, expected and bound of one tensor in step k, gradients as those of C itself."""
        a = np.asarray(tensor(self.actual, key)[k], np.float64)
        if key.equation == "SGD":
            step = self._own_step(key, k)
            return a, tensor(self.before, key)[k] - step, update_bound(a, step, self.precision)
        e, allowed = np.asarray(tensor(self.expected, key)[k], np.float64), self.bound.at(key, k)
        if key.equation in ("BP3", "BP4"):
            return a / self.actual.scale, e / self.expected.scale, allowed / self.actual.scale
        return a, e, allowed

    def seen(self, key: Key, k: int) -> tuple[np.ndarray, np.ndarray]:
        """A gradient, or an update η∇, in step k, and the bound that it has to stand out from to be seen."""
        if key.equation == "SGD":
            step = self._own_step(key, k)
            return step, update_bound(tensor(self.actual, key)[k], step, self.precision)
        return tensor(self.expected, key)[k], self.bound.at(key, k)

    def _ratio(self, key: Key) -> Float[np.ndarray, " K"]:
        a, e = tensor(self.actual, key), tensor(self.expected, key)
        if key.equation in ("BP3", "BP4") and self.actual.scale != self.expected.scale:
            e = e * (self.actual.scale / self.expected.scale)
        allowed = self.bound.of(key)
        if isinstance(allowed, Outer):
            return _outer_ratio(a, e, allowed)
        r = np.abs(np.subtract(a, e, dtype=np.float64)) / (allowed + NEGLIGIBLE)
        return r.reshape(len(r), -1).max(axis=1)

    def _sgd(self, key: Key) -> Float[np.ndarray, " K"]:
        w, after = tensor(self.before, key), tensor(self.actual, key)
        nabla, factor = self._own_gradient(key), self.eta / self.actual.scale
        r = np.zeros(len(w))
        for steps in in_cache(w):
            step = nabla[steps] if factor == 1 else nabla[steps] * factor
            if not (w[steps] - step == after[steps]).all():  # mostly the very same operation gave the very same bits
                arrays = zip(w[steps], after[steps], step, strict=True)
                r[steps] = [update_ratio(*of_a_step, self.precision) for of_a_step in arrays]
        return r

    def _own_step(self, key: Key, k: int) -> np.ndarray:
        """η∇C by the side's own gradient."""
        return self._own_gradient(key)[k] * (self.eta / self.actual.scale)

    def _own_gradient(self, key: Key) -> np.ndarray:
        return tensor(self.actual, Key("", "nabla_w" if key.name == "weights" else "nabla_b", key.layer))


def in_cache(array: Float[np.ndarray, "K ..."]) -> Iterator[slice]:
    """Slices of the K steps, each so small that what is worked out for it stays in the cache."""
    at_once = max(1, CACHED // array[0].size)
    return (slice(k, k + at_once) for k in range(0, len(array), at_once))


def update_ratio(w: np.ndarray, after: np.ndarray, step: np.ndarray, precision: Precision) -> float:
    """The largest difference of w − η∇C and what the update made of it, in units of its bound."""
    if np.array_equal(updated := w - step, after, equal_nan=True):
        return 0.0
    lost = np.abs(np.subtract(updated, after, dtype=np.float64))
    return float((lost / update_bound(after, step, precision)).max())


def update_bound(after: np.ndarray, step: np.ndarray, precision: Precision) -> np.ndarray:
    """Δw′ ≤ γ_3 (|w′| + 2|η∇C|): a product and a difference."""
    size = np.abs(after, dtype=np.float64) + 2 * np.abs(step, dtype=np.float64)
    return precision.gamma(3) * size + 3 * precision.tiny


def _outer_ratio(a: np.ndarray, e: np.ndarray, allowed: Outer) -> Float[np.ndarray, " K"]:
    """A few steps at a time: nearly all the elements of a trace are here."""
    r = np.empty(len(a))
    for steps in in_cache(a):
        difference = np.subtract(a[steps], e[steps], dtype=np.float64)
        np.abs(difference, out=difference)
        np.divide(difference, np.matmul(allowed.left[steps], allowed.right[steps]), out=difference)
        r[steps] = difference.max(axis=(1, 2))
    return r
