"""Accuracy and cost of both networks on data, a few thousand examples at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scratch.cost import QuadraticCost, one_hot
from scratch.network import classify
from torch_ref.data import Examples

if TYPE_CHECKING:
    from jaxtyping import Float

CHUNK = 2000
Forward = Callable[[np.ndarray], np.ndarray]  # x (m, n_0) to the output activations (m, n_L)


@dataclass(frozen=True)
class Score:
    """How one network does on one set of examples."""

    accuracy: float
    cost: float


@dataclass(frozen=True)
class Evaluation:
    """Both networks on one set of examples, and on how many of them they name different digits."""

    scratch: Score
    torch_ref: Score
    different: int
    examples: int


def evaluate(
    examples: Examples, scratch: Forward, torch_ref: Forward, cost: QuadraticCost, dtype: np.dtype
) -> Evaluation:
    """Run both networks on all the examples. They see the very same numbers."""
    correct, costs, different = np.zeros(2), np.zeros(2), 0
    for start in range(0, len(examples), CHUNK):
        x = np.divide(examples.images[start : start + CHUNK], 255, dtype=dtype)
        labels = examples.labels[start : start + CHUNK]
        outputs = [scratch(x), torch_ref(x)]
        digits = [classify(a) for a in outputs]
        correct += [np.sum(d == labels) for d in digits]
        costs += [len(x) * _cost(a, labels, cost) for a in outputs]
        different += int(np.sum(digits[0] != digits[1]))
    n = len(examples)
    scores = [Score(float(c) / n, float(total) / n) for c, total in zip(correct, costs, strict=True)]
    return Evaluation(scores[0], scores[1], different, n)


def _cost(a: Float[np.ndarray, "m n_L"], labels: np.ndarray, cost: QuadraticCost) -> float:
    return float(cost.value(a.T, one_hot(labels, a.shape[1], a.dtype).T))
