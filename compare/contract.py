"""What a trace owes before its values are looked at: every tensor there, with the right shape and dtype."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from compare.key import Key, find, keys
from compare.side import Block
from compare.trace import Trace, Weights


def violations(
    trace: Trace, side: str, before: Weights, block: Block, sizes: Sequence[int]
) -> Iterator[tuple[Key, str]]:
    """Each tensor that is missing, or not as a network of those sizes and the block make it, with a sentence.

    The parameters ``before``, which only the actual side hands over, are looked at first.
    Non-finite values are no violation of this kind: they fail the comparison, at the step where they arise.
    """
    L = len(sizes) - 1
    if not (isinstance(trace.scale, float | int) and 0 < trace.scale < math.inf):
        key = Key("BP4", "nabla_w", L)
        yield key, f"{side} {key}: the gradients are scaled by {trace.scale!r}; expected a positive number"
    updated = [key for key in keys(L) if key.equation == "SGD"]
    owed = [(key, find(before, key), " before the step") for key in updated if side == "actual"]
    owed += [(key, find(trace, key), "") for key in keys(L) if side == "actual" or key not in updated]
    for key, array, when in owed:
        if problem := _problem(array, _shape(key, sizes, block), block.x.dtype):
            yield key, f"{side} {key}{when}: {problem}"


def _shape(key: Key, sizes: Sequence[int], block: Block) -> tuple[int, ...]:
    (K, m, _), n_in, n_out = block.x.shape, sizes[key.layer - 1], sizes[key.layer]
    shapes = {"cost": (K,), "nabla_w": (K, n_out, n_in), "weights": (K, n_out, n_in)}
    shapes |= {"nabla_b": (K, n_out), "biases": (K, n_out)}
    return shapes.get(key.name, (K, m, n_out))


def _problem(array: Any, want: tuple[int, ...], dtype: np.dtype) -> str | None:
    if array is None:
        return f"missing; expected an array of shape {want}"
    if type(array) is not np.ndarray:  # a masked array or another subclass has an arithmetic of its own
        return f"a {type(array).__name__}; expected an array of shape {want}"
    if array.shape != want:
        return f"shape {array.shape}; expected {want}"
    if array.dtype != dtype:
        return f"dtype {array.dtype}; expected {dtype}, that of the inputs"
    return None
