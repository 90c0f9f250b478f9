"""The perceptron: weighted sum and step, layers of them, Rosenblatt's rule, and why the step is the problem.

Letters: m examples, one a row (inside too), n_in inputs, n_out neurons of a layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float


def weighted_sum(weights: Float[np.ndarray, " n_in"], x: Float[np.ndarray, "m _"]) -> Float[np.ndarray, " m"]:
    """Σ_j w_j x_j = w · x of every example; ValueError where x has not n_in columns (lecture 1)."""
    if weights.shape != x.shape[1:]:
        raise ValueError(f"x: shape {x.shape} came, expected (m, {weights.size}); x[None] is a row")
    return x @ weights  # Σ_j w_j x_j


def step(z: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
    """1 where z > 0, strictly, else 0 (lecture 1, perceptron slides)."""
    return (z > 0).astype(z.dtype)


@dataclass(frozen=True, eq=False)
class Perceptron:
    """Output 1 if Σ_j w_j x_j + b > 0, else 0, where b = -threshold (lecture 1, perceptron slides).

    weights is (n_in,) and is copied; x is (m, n_in), else ValueError; outputs are (m,).
    """

    weights: Float[np.ndarray, " n_in"]
    bias: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", self.weights.copy())

    @classmethod
    def with_threshold(cls, weights: Float[np.ndarray, " n_in"], threshold: float) -> Perceptron:
        """The perceptron of the slides' first form."""
        return cls(weights, -threshold)  # b = -threshold

    @property
    def threshold(self) -> float:
        """What the weighted sum has to exceed."""
        return -self.bias  # threshold = -b

    def output(self, x: Float[np.ndarray, "m _"]) -> Float[np.ndarray, " m"]:
        """Bias form."""
        return step(weighted_sum(self.weights, x) + self.bias)  # 1 iff Σ_j w_j x_j + b > 0

    def output_by_threshold(self, x: Float[np.ndarray, "m _"]) -> Float[np.ndarray, " m"]:
        """Threshold form."""
        exceeds = weighted_sum(self.weights, x) > self.threshold  # Σ_j w_j x_j > threshold
        return exceeds.astype(x.dtype)


def cheese_festival(threshold: float) -> Perceptron:
    """Go to Gouda? Inputs: good weather, a friend comes, easy to reach (lecture 1; thresholds 5 and 3)."""
    return Perceptron.with_threshold(np.array([6.0, 2.0, 2.0]), threshold)


def perceptron_layers(
    weights: list[Float[np.ndarray, "_ _"]], biases: list[Float[np.ndarray, " _"]], x: Float[np.ndarray, "m _"]
) -> list[Float[np.ndarray, "m _"]]:
    """The decisions of every layer, [x, a^1, ..., a^L], each (m, n_l) (lecture 1, layers of perceptrons).

    weights[l] is (n_out, n_in) and biases[l] is (n_out,); raises ValueError where two layers do not fit.
    """
    if len(weights) != len(biases):
        raise ValueError(f"biases: {len(biases)} arrays came, expected {len(weights)}, as many as weights")
    activations = [x]
    for w, b in zip(weights, biases, strict=True):
        wanted = (*b.shape, activations[-1].shape[1])
        if w.shape != wanted:
            raise ValueError(f"weights: shape {w.shape} came, expected (n_out, n_in) = {wanted}; use w.T?")
        activations.append(step(activations[-1] @ w.T + b))  # a^l = step(w^l a^{l-1} + b^l)
    return activations


def odd_of_three() -> tuple[list[Float[np.ndarray, "_ _"]], list[Float[np.ndarray, " _"]]]:
    """Weights and biases of the slides' 3, 4 and 1 perceptrons: is an odd number of three inputs on?

    No single perceptron can tell. The layers decide: at least 1, 2, 3 on; exactly 0, 1, 2, 3 on; 1 or 3 on.
    """
    exactly = np.array([[-1.0, 0, 0], [1, -1, 0], [0, 1, -1], [0, 0, 1]])
    weights = [np.ones((3, 3)), exactly, np.array([[0.0, 1, 0, 1]])]
    return weights, [np.array([0.0, -1, -2]), np.array([1.0, 0, 0, 0]), np.array([0.0])]


@dataclass(frozen=True)
class Learned:
    """A trained perceptron, and the mistakes that each epoch made."""

    perceptron: Perceptron
    mistakes: tuple[int, ...]

    @property
    def converged(self) -> bool:
        """True only if the last epoch made no mistake: it changed nothing, so `perceptron` makes none."""
        return self.mistakes[-1] == 0


def rosenblatt_update(perceptron: Perceptron, x: Float[np.ndarray, " n_in"], error: float, eta: float) -> Perceptron:
    """Rosenblatt's rule on one example, error = y - output (lecture 2 names him; Rosenblatt, 1957)."""
    weights = perceptron.weights + eta * error * x  # w <- w + eta (y - output) x
    bias = perceptron.bias + eta * error  # b <- b + eta (y - output)
    return Perceptron(weights, bias)


def learn(
    start: Perceptron, x: Float[np.ndarray, "m _"], y: Float[np.ndarray, " _"], eta: float, max_epochs: int
) -> Learned:
    """Rosenblatt's rule, example by example, until an epoch makes no mistake or max_epochs are over.

    x is (m, n_in), y (m,). No max_epochs is enough where no perceptron can tell the examples apart (XOR).
    Raises ValueError where x is not finite, y is not a 0 or 1 for each row, eta or max_epochs is not > 0.
    """
    if not np.isfinite(x).all():
        raise ValueError("x: NaN or infinite values came, expected finite ones; leave those rows out")
    if y.shape != x.shape[:1] or not np.isin(y, (0, 1)).all():
        raise ValueError(f"y: {y} came, expected a 0 or 1 for each of {len(x)} rows; turn -1 into 0")
    if not 0 < eta < np.inf or not max_epochs > 0:
        raise ValueError(f"eta, max_epochs: {eta} and {max_epochs} came, expected both > 0; try 1.0, 100")
    perceptron = start
    mistakes: list[int] = []
    while len(mistakes) < max_epochs and 0 not in mistakes:
        mistakes.append(0)
        for x_i, y_i in zip(x, y, strict=True):
            error = float(y_i - perceptron.output(x_i[None])[0])  # y - output
            perceptron = rosenblatt_update(perceptron, x_i, error, eta)
            mistakes[-1] += error != 0
    return Learned(perceptron, tuple(mistakes))


def flip_distance(perceptron: Perceptron, x: Float[np.ndarray, "m _"]) -> Float[np.ndarray, " m"]:
    """|z| / ‖x‖: how far w is from a jump of the output; infinite where x = 0 (lecture 1, the problem).

    As |Δw · x| <= ‖Δw‖ ‖x‖, a shorter Δw changes no output at all; one along x jumps just past it. So the
    gradient of the output is 0 wherever it exists, and there is nothing to descend.
    """
    z, length = weighted_sum(perceptron.weights, x) + perceptron.bias, np.linalg.norm(x, axis=1)
    return np.divide(np.abs(z), length, out=np.full_like(z, np.inf), where=length > 0)  # |z| / ‖x‖
