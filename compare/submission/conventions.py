"""The form in which somebody's code wants its arrays, as it is stated; and the way there and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

ALLOWED = {
    "examples": ("rows", "columns"),
    "weights": ("out_in", "in_out"),
    "biases": ("flat", "column", "row", "first row", "last row", "first column", "last column", "none"),
    "batch": ("together", "one", "one but update"),
    "gradients": ("w, b", "b, w"),
    "sign": ("plus", "minus"),
    "cost": ("half", "full"),
    "reduction": ("mean", "sum"),
}
FOLD_AXIS = {"out_in": ("column", 1), "in_out": ("row", 0)}  # along which a layer's biases join its weights


class ConventionError(Exception):
    """A stated convention that does not exist, or that the case cannot be put in."""


@dataclass(frozen=True)
class Conventions:
    """How the code wants its arrays. The defaults are the canonical form. Raises ConventionError for other values.

    examples   the rows, or the columns, of x, y, activations and deltas
    weights    (n_out, n_in), or (n_in, n_out)
    biases     (n,), (n, 1) or (1, n); or a line of the weight matrix, and the list of biases is empty; or none at all
    batch      all examples at a time; or "one": x and y of one example, (n,) where examples are rows, (n, 1) else;
               or that, but the update takes all, which are a list where they are columns
    gradients  the order of the two results
    sign       of gradients and deltas: "minus" for those that the update adds
    cost       ½ Σ‖y − a‖² or Σ‖y − a‖² of an example; no array changes, the caller puts it in the Case
    reduction  the cost of a mini-batch is the mean, or the sum, over examples; likewise
    """

    examples: str = "rows"
    weights: str = "out_in"
    biases: str = "flat"
    batch: str = "together"
    gradients: str = "w, b"
    sign: str = "plus"
    cost: str = "half"
    reduction: str = "mean"

    def __post_init__(self) -> None:
        for key in ALLOWED:
            _check(key, value := getattr(self, key), value)
        line, _ = FOLD_AXIS[self.weights]
        if self.folded and not self.biases.endswith(line):
            allowed = tuple(b for b in ALLOWED["biases"] if not b.startswith(("first", "last")) or b.endswith(line))
            raise ConventionError(_refused("biases", self.biases, allowed) + f' with weights "{self.weights}"')

    @classmethod
    def parse(cls, mapping: Mapping[Any, Any], base: Conventions | None = None) -> Conventions:
        """From what a file states; the rest is as in ``base``, or canonical.

        Raises ConventionError, which names the key, what came and what is allowed.
        """
        for key, value in mapping.items():
            if key not in ALLOWED:
                raise ConventionError(f"conventions has the key {key!r}; allowed are {', '.join(ALLOWED)}")
            _check(key, value, _spaced(value))
        return replace(base or cls(), **{key: _spaced(value) for key, value in mapping.items()})

    @property
    def mapping(self) -> dict[str, str]:
        """All of them, as a file would state them."""
        return dict(vars(self))

    @property
    def factor(self) -> float:
        """The Case's factor of the cost."""
        return 1.0 if self.cost == "half" else 2.0

    @property
    def summed(self) -> bool:
        """Whether the Case's cost is the sum over the mini-batch."""
        return self.reduction == "sum"

    @property
    def one_by_one(self) -> bool:
        """Whether feedforward and backprop take one example."""
        return self.batch != "together"

    @property
    def folded(self) -> bool:
        """Whether the biases are a line of the weight matrices."""
        return self.biases.startswith(("first", "last"))

    @property
    def separate(self) -> bool:
        """Whether there is a list of biases beside that of the weights."""
        return not self.folded and self.biases != "none"

    def weights_of(self, weights: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Canonical weights (n_out, n_in) and biases (n_out,), as the code wants its list of weights."""
        if self.biases == "none" and any(np.any(b) for b in biases):
            raise ConventionError('conventions states biases "none", so the case must have biases of 0')
        return [self._weight(w, b) for w, b in zip(weights, biases, strict=True)]

    def _weight(self, w: np.ndarray, b: np.ndarray) -> np.ndarray:
        _, axis = FOLD_AXIS[self.weights]
        w = w if self.weights == "out_in" else w.T
        if not self.folded:
            return w.copy()
        parts = [np.expand_dims(b, axis), w]
        return np.concatenate(parts if self.biases.startswith("first") else parts[::-1], axis)

    def biases_of(self, biases: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Canonical biases (n_out,), as the code wants its list of biases."""
        shape = {"column": (-1, 1), "row": (1, -1)}.get(self.biases, (-1,))
        return [b.reshape(shape).copy() for b in biases] if self.separate else []

    def examples_of(self, x: np.ndarray) -> np.ndarray:
        """Examples (m, n), as the code wants all of them."""
        return x.copy() if self.examples == "rows" else x.T.copy()

    def example_of(self, x: np.ndarray) -> np.ndarray:
        """One example (n,), as the code wants it."""
        return x.copy() if self.examples == "rows" else x[:, None].copy()

    def canonical_weight(self, w: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """A matrix of the code as weights (n_out, n_in), and the biases (n_out,) if they are in it."""
        _, axis = FOLD_AXIS[self.weights]
        b = None
        if self.folded:
            at, rest = (0, slice(1, None)) if self.biases.startswith("first") else (-1, slice(None, -1))
            b, w = w.take(at, axis), (w[rest] if axis == 0 else w[:, rest])
        return (w if self.weights == "out_in" else w.T), b

    def canonical_examples(self, a: np.ndarray) -> np.ndarray:
        """All examples, or one, of the code as rows (m, n) or (1, n)."""
        if a.ndim == 1:
            return a[None]
        return a if self.examples == "rows" else a.T


def _check(key: str, value: Any, meant: Any) -> None:
    if not isinstance(meant, str) or meant not in ALLOWED[key]:
        raise ConventionError(_refused(key, value, ALLOWED[key]))


def _spaced(value: Any) -> Any:
    """ "first-row", as it is typed on a command line, is "first row"."""
    return value.replace("-", " ") if isinstance(value, str) else value


def _refused(key: str, value: Any, allowed: tuple[str, ...]) -> str:
    return f"conventions[{key!r}] is {value!r}; allowed are {', '.join(map(repr, allowed))}"


NIELSEN = Conventions(examples="columns", biases="column", batch="one", gradients="b, w")
