"""Whether each step starts where the one before it ended: steps are judged from the side's own parameters."""

from __future__ import annotations

import numpy as np

from compare.key import Key, keys, tensor
from compare.trace import Weights


def first_break(before: Weights, after: Weights, latest: Weights | None) -> tuple[int, Key] | None:
    """The first of K steps that does not start from where the one before it ended, and in which tensor.

    ``latest`` are the parameters (1, …) that the first of them has to start from, if they are known.
    """
    breaks: list[tuple[int, Key]] = []
    for key in keys(len(before.weights)):
        if key.equation == "SGD":
            start, end = tensor(before, key), tensor(after, key)
            if latest is not None and not same(start[0], tensor(latest, key)[0]):
                breaks.append((0, key))
            if not same(start[1:], end[:-1]):
                breaks += [(k, key) for k in range(1, len(start)) if not same(start[k], end[k - 1])]
    return min(breaks, key=lambda found: found[0], default=None)


def last(after: Weights) -> Weights:
    """A copy of the parameters after the last step, as (1, …)."""
    return Weights([w[-1:].copy() for w in after.weights], [b[-1:].copy() for b in after.biases])


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """The same numbers; mostly they are the very same memory."""
    return a.__array_interface__ == b.__array_interface__ or np.array_equal(a, b, equal_nan=True)
