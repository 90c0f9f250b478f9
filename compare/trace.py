"""The trace of K SGD steps: what one side computed, under the names that the derivation has for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

LAYERED = ("zs", "activations", "deltas", "nabla_b", "nabla_w")  # the tensors that every layer has


@dataclass
class Trace:
    """What one side computed in K steps. Lists have an entry for each layer 1 … L; None is a tensor that is missing.

    The gradients carry ``scale``: they are scale × ∇C. An implementation that forms the step η∇C gives scale = η.
    """

    zs: list[Float[np.ndarray, "K m _n_l"]]
    activations: list[Float[np.ndarray, "K m _n_l"]]
    cost: Float[np.ndarray, " K"]
    nabla_a: Float[np.ndarray, "K m n_L"]
    deltas: list[Float[np.ndarray, "K m _n_l"]]
    nabla_b: list[Float[np.ndarray, "K _n_out"]]
    nabla_w: list[Float[np.ndarray, "K _n_out _n_in"]]
    scale: float = 1.0
    after: Weights | None = None  # the parameters after each step; the reference's gradients come without

    def step(self, k: int) -> Trace:
        """That of step k alone, without the parameters after it."""
        here = slice(k, k + 1)
        tensors: dict[str, Any] = {name: [array[here] for array in getattr(self, name)] for name in LAYERED}
        return Trace(**tensors, cost=self.cost[here], nabla_a=self.nabla_a[here], scale=self.scale)


@dataclass
class Weights:
    """The parameters before, or after, each of K steps."""

    weights: list[Float[np.ndarray, "K _n_out _n_in"]]
    biases: list[Float[np.ndarray, "K _n_out"]]
