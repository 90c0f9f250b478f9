"""The network's parameters, and the way forward through its layers.

Layer l keeps its weights and biases in one array [w^l | b^l]: the bias is the weight of an input that is always 1,
as the perceptron's threshold was. One product then gives w a + b, and one more gives BP3 and BP4 together
(docs/decisions/0002). ``weights`` and ``biases`` are views of it, in the shapes that everyone writes.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from scratch.sigmoid import sigmoid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float


class Parameters:
    """All weights and biases of a network, or of K networks, as one vector each and as layers.

    vector      (…, P)              every parameter, so that w → w − η∇C is one line
    layers[l]   (…, n_l, n_l−1 + 1)  [w^l | b^l], a view of the vector
    weights[l]  (…, n_l, n_l−1)      w^l, row j = neuron j; a view
    biases[l]   (…, n_l)             b^l; a view
    """

    def __init__(self, sizes: Sequence[int], vector: Float[np.ndarray, "*K P"]) -> None:
        shapes = layer_shapes(sizes)
        ends = np.cumsum([rows * columns for rows, columns in shapes])
        self.sizes = tuple(sizes)
        self.vector = vector
        self.layers = [
            part.reshape(vector.shape[:-1] + shape)
            for part, shape in zip(np.split(vector, ends[:-1], axis=-1), shapes, strict=True)
        ]
        self.weights = [layer[..., :-1] for layer in self.layers]
        self.biases = [layer[..., -1] for layer in self.layers]
        self.weights_T = [w.swapaxes(-1, -2) for w in self.weights]  # (w^l)ᵀ, for BP2

    @classmethod
    def random(cls, sizes: Sequence[int], rng: np.random.Generator, dtype: type = np.float64) -> Parameters:
        """Every weight and bias from N(0, 1), as Nielsen's first network starts."""
        return cls(sizes, rng.standard_normal(parameter_count(sizes)).astype(dtype))

    @classmethod
    def of(cls, weights: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> Parameters:
        """A copy of given weights (n_out, n_in) and biases (n_out,). Raises ValueError if they do not fit."""
        if not weights:
            raise ValueError("no weights came; a network has a layer of them or more")
        layers = [np.column_stack([w, b]) for w, b in zip(weights, biases, strict=True)]
        sizes = [weights[0].shape[1], *(len(w) for w in weights)]
        if [layer.shape for layer in layers] != layer_shapes(sizes):
            raise ValueError(f"layers of shapes {[w.shape for w in weights]} do not follow one on another")
        return cls(sizes, np.concatenate([layer.ravel() for layer in layers]))

    def copy(self) -> Parameters:
        """The same numbers in memory of their own."""
        return Parameters(self.sizes, self.vector.copy())


def layer_shapes(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """The shape of [w^l | b^l] for every layer."""
    return [(n_out, n_in + 1) for n_in, n_out in pairwise(sizes)]


def parameter_count(sizes: Sequence[int]) -> int:
    """How many weights and biases there are: 23,860 for 784-30-10."""
    return sum(n_out * (n_in + 1) for n_in, n_out in pairwise(sizes))


def with_constant_input(x: Float[np.ndarray, "m n_0"]) -> Float[np.ndarray, "m n_0+1"]:
    """A copy of x with one more column, the constant input 1 whose weight is the bias."""
    return np.column_stack([x, np.ones(len(x), x.dtype)])


def feedforward(parameters: Parameters, x: Float[np.ndarray, "m n_0"]) -> list[Float[np.ndarray, "m _n_l"]]:
    """The activations of every layer, from a^0 = x to a^L: a^l = σ(w^l a^{l−1} + b^l). Examples are rows."""
    activations = [x]
    for w, b in zip(parameters.weights, parameters.biases, strict=True):
        activations.append(sigmoid(activations[-1] @ w.T + b))
    return activations


def classify(output: Float[np.ndarray, "m n_L"]) -> np.ndarray:
    """The digit that the network names: the output neuron that is most active. Examples are rows."""
    return output.argmax(axis=-1)
