"""What a trace owes before its values are looked at: every tensor there, with the right shape and dtype."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from compare.trace import Key, Trace, Weights, find, keys


def violations(trace: Trace, side: str, before: Weights, m: int) -> Iterator[tuple[Key, str]]:
    """Each tensor that is missing, or not as the parameters and m examples make it, with a sentence that says so.

    Non-finite values are no violation of this kind: they fail the comparison, at the step where they arise.
    """
    L, K = len(before.weights), len(before.weights[0])
    if not (isinstance(trace.scale, float | int) and 0 < trace.scale < math.inf):
        key = Key("BP4", "nabla_w", L)
        yield key, f"{side} {key}: the gradients are scaled by {trace.scale!r}; expected a positive number"
    for key in keys(L):
        if key.equation == "SGD" and side == "expected":
            continue
        want = _shape(key, before, K, m)
        if problem := _problem(find(trace, key), want, before.weights[0].dtype):
            yield key, f"{side} {key}: {problem}"


def _shape(key: Key, before: Weights, K: int, m: int) -> tuple[int, ...]:
    n_out, n_in = before.weights[key.layer - 1].shape[1:]
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
        return f"dtype {array.dtype}; expected {dtype}, that of the parameters"
    return None
