"""The sigmoid neuron: the perceptron with its step made smooth, and the gradient that this gives it.

Letters: m examples, one a row (inside too), n_in inputs. z = w · x + b, as for the perceptron.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scratch.perceptron import weighted_sum
from scratch.sigmoid import sigmoid, sigmoid_prime

if TYPE_CHECKING:
    from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class SigmoidNeuron:
    """Output σ(w · x + b), between 0 and 1 (lecture 1, sigmoid neuron; Nielsen, ch. 1).

    weights is (n_in,) and is copied; x is (m, n_in), else ValueError; outputs are (m,).
    """

    weights: Float[np.ndarray, " n_in"]
    bias: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", self.weights.copy())

    def weighted_input(self, x: Float[np.ndarray, "m _"]) -> Float[np.ndarray, " m"]:
        """z of every example."""
        return weighted_sum(self.weights, x) + self.bias  # z = Σ_j w_j x_j + b

    def output(self, x: Float[np.ndarray, "m _"]) -> Float[np.ndarray, " m"]:
        """a of every example."""
        return sigmoid(self.weighted_input(x))  # a = σ(z)

    def gradient(self, x: Float[np.ndarray, "m n"]) -> tuple[Float[np.ndarray, "m n"], Float[np.ndarray, " m"]]:
        """∂output/∂w, (m, n_in), and ∂output/∂b, (m,), of every example (Nielsen, ch. 1)."""
        d_bias = sigmoid_prime(self.weighted_input(x))  # ∂output/∂b = σ'(z)
        d_weights = d_bias[:, None] * x  # ∂output/∂w_j = σ'(z) x_j
        return d_weights, d_bias
