"""Each equation from values that are given, whosever they are, with the size that bounds its rounding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from compare.diagnosis.case import Case
from compare.diagnosis.equations import sigmoid
from compare.key import Key


@dataclass(frozen=True)
class Right:
    """A right-hand side, the same with every term positive, and the number of terms of its longest sum."""

    value: np.ndarray
    size: np.ndarray
    terms: int


def _activation(case: Case, l: int, a_below: np.ndarray) -> Right:
    w, b = case.weights[l - 1], case.biases[l - 1]
    a = sigmoid(a_below @ w.T + b)
    reach = np.abs(a_below) @ np.abs(w).T + np.abs(b)
    return Right(a, a + a * (1 - a) * reach, w.shape[1])


def _delta_output(case: Case, _l: int, a: np.ndarray, prime: Right) -> Right:
    error, size = case.factor * (a - case.y), case.factor * (np.abs(a) + np.abs(case.y))
    return Right(error * prime.value, size * prime.size, prime.terms)


def _delta_hidden(case: Case, l: int, delta_above: np.ndarray, prime: Right) -> Right:
    w = case.weights[l]
    size = np.abs(delta_above) @ np.abs(w) * prime.size
    return Right(delta_above @ w * prime.value, size, len(w) + prime.terms)


def primes(case: Case, l: int, a: np.ndarray, a_below: np.ndarray) -> Iterator[Right]:
    """σ′ as a(1 − a), of the activation that is there, and as σ′(z) of the z below it, should that be another."""
    yield Right(a * (1 - a), np.abs(a) * (1 + np.abs(a)), 1)
    right = _activation(case, l, a_below)
    yield Right(right.value * (1 - right.value), right.size * (1 + right.value), right.terms)


def _nabla_b(case: Case, _l: int, delta: np.ndarray) -> Right:
    over = case.m / case.scale
    return Right(delta.sum(axis=0) / over, np.abs(delta).sum(axis=0) / over, case.m)


def _nabla_w(case: Case, _l: int, delta: np.ndarray, a_below: np.ndarray) -> Right:
    over = case.m / case.scale
    return Right(delta.T @ a_below / over, np.abs(delta).T @ np.abs(a_below) / over, case.m)


def _weights(case: Case, l: int, nabla: np.ndarray) -> Right:
    w = case.weights[l - 1]
    return Right(w - case.eta * nabla, np.abs(w) + case.eta * np.abs(nabla), case.m)


def _biases(case: Case, l: int, nabla: np.ndarray) -> Right:
    b = case.biases[l - 1]
    return Right(b - case.eta * nabla, np.abs(b) + case.eta * np.abs(nabla), case.m)


def equation(key: Key, L: int) -> tuple[Callable[..., Right], list[tuple[str, int]]]:
    """The equation of a quantity, and what it is made of: names and layers."""
    l = key.layer
    if key.name == "deltas" and l == L:
        return _delta_output, [("activations", L), ("primes", L)]
    equations: dict[str, tuple[Callable[..., Right], list[tuple[str, int]]]] = {
        "activations": (_activation, [("activations", l - 1)]),
        "deltas": (_delta_hidden, [("deltas", l + 1), ("primes", l)]),
        "nabla_b": (_nabla_b, [("deltas", l)]),
        "nabla_w": (_nabla_w, [("deltas", l), ("activations", l - 1)]),
        "weights": (_weights, [("nabla_w", l)]),
        "biases": (_biases, [("nabla_b", l)]),
    }
    return equations[key.name]
