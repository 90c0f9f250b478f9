"""The trace of K SGD steps: every quantity of the derivation, under the name and in the order that it has there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float


class Key(NamedTuple):
    """A quantity of the derivation: its equation, its name, and the layer 1 … L that it belongs to."""

    equation: str
    name: str
    layer: int

    def __str__(self) -> str:
        """As people write it: ``nabla_w[2] (BP4)``."""
        return f"{self.name}[{self.layer}] ({self.equation})"


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


@dataclass
class Weights:
    """The parameters before, or after, each of K steps."""

    weights: list[Float[np.ndarray, "K _n_out _n_in"]]
    biases: list[Float[np.ndarray, "K _n_out"]]


def keys(L: int) -> Iterator[Key]:
    """Every quantity of a step, in the order of computation: forward, cost, back from the output, gradients, step."""
    for layer in range(1, L + 1):
        yield Key("z = wa + b", "zs", layer)
        yield Key("a = σ(z)", "activations", layer)
    yield Key("C", "cost", L)
    yield Key("∂C/∂a", "nabla_a", L)
    for layer in range(L, 0, -1):
        yield Key("BP1" if layer == L else "BP2", "deltas", layer)
    for layer in range(L, 0, -1):
        yield Key("BP3", "nabla_b", layer)
        yield Key("BP4", "nabla_w", layer)
    for layer in range(L, 0, -1):
        yield Key("SGD", "biases", layer)
        yield Key("SGD", "weights", layer)


def find(trace: Trace | Weights, key: Key) -> Any:
    """What the trace has under that name and layer: an array if it keeps its contract, None where it has nothing."""
    of = trace.after if key.equation == "SGD" and isinstance(trace, Trace) else trace
    value = getattr(of, key.name, None)
    if isinstance(value, list):
        return value[key.layer - 1] if key.layer <= len(value) else None
    return value


def tensor(trace: Trace | Weights, key: Key) -> np.ndarray:
    """The array of that name and layer. Raises KeyError where the trace has none."""
    if (array := find(trace, key)) is None:
        raise KeyError(f"the trace has no {key}")
    return array
