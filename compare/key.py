"""The quantities of a step: the equation of each, the order in which they are computed, and where a trace has them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from compare.trace import Trace, Weights


class Key(NamedTuple):
    """A quantity of the derivation: its equation, its name, and the layer 1 … L that it belongs to."""

    equation: str
    name: str
    layer: int

    def __str__(self) -> str:
        """As people write it: ``nabla_w[2] (BP4)``."""
        return f"{self.name}[{self.layer}] ({self.equation})"


@cache
def keys(L: int) -> tuple[Key, ...]:
    """Every quantity of a step, in the order of computation: forward, cost, back from the output, gradients, step."""
    return tuple(_keys(L))


def _keys(L: int) -> Iterator[Key]:
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
