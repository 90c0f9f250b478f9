"""The quadratic costs of the slides, and the one-hot targets that they measure against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Int, UInt8


@dataclass(frozen=True)
class QuadraticCost:
    """C = (1/m) Σ_x (factor/2) ‖y − a‖², the mean over the mini-batch of the cost of one example.

    The factor is what the two slides differ in, and a wrong one is a mistake to be named, never to be rescaled.
    """

    name: str
    formula: str
    factor: float

    def value(self, a: Float[np.ndarray, "*k n_L m"], y: Float[np.ndarray, "*k n_L m"]) -> Float[np.ndarray, "*k"]:
        """C of mini-batches whose examples are columns; the mean is over the last axis."""
        return np.asarray(self.factor / 2 * np.square(y - a).sum(axis=-2).mean(axis=-1))

    def derivative(
        self,
        a: Float[np.ndarray, "n_L m"],
        y: Float[np.ndarray, "n_L m"],
        out: Float[np.ndarray, "n_L m"] | None = None,
    ) -> Float[np.ndarray, "n_L m"]:
        """∂C/∂a of each example: a − y for the half-squared cost, 2 (a − y) for the squared one."""
        out = np.subtract(a, y, out)  # ∂/∂a ½ (y − a)² = a − y
        return out if self.factor == 1 else np.multiply(out, self.factor, out=out)


HALF = QuadraticCost("half", "C = 1/(2n) Σ‖y − a‖²", factor=1)  # lecture 1, "Mean Squared Error"
FULL = QuadraticCost("full", "C = Σ(y − a)²", factor=2)  # lecture 1, "Backpropagation"
COSTS = {cost.name: cost for cost in (HALF, FULL)}


def one_hot(
    labels: Int[np.ndarray, " m"] | UInt8[np.ndarray, " m"], classes: int = 10, dtype: np.dtype | None = None
) -> Float[np.ndarray, "m classes"]:
    """The digit 6 as (0, 0, 0, 0, 0, 0, 1, 0, 0, 0): row i is 1 at ``labels[i]`` and 0 elsewhere.

    Raises ValueError for a label outside 0 … classes − 1.
    """
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"labels must lie in 0 … {classes - 1}; got {labels.min()} … {labels.max()}")
    return np.eye(classes, dtype=dtype)[labels]
