"""Backpropagation for a sigmoid network, by hand. Fill in the functions, in any order, and check as you go:

    backproof check THIS_FILE

A function that still raises NotImplementedError is left out of the check.

Letters: m examples in a mini-batch; layers 0 … L, of n_0 … n_L neurons.
    weights[l - 1]  (n_l, n_l−1)  w^l, row j = the weights of neuron j
    biases[l - 1]   (n_l,)        b^l
    x, y            (m, n_0), (m, n_L)  the examples and what is wanted of them, a row each
The cost of the mini-batch is C = 1/(2m) Σ ‖y − a^L‖², over its m examples.
"""

import numpy as np


def sigmoid(z: np.ndarray) -> np.ndarray:
    """σ(z) = 1 / (1 + e⁻ᶻ), of every element."""
    raise NotImplementedError


def sigmoid_prime(z: np.ndarray) -> np.ndarray:
    """σ′(z), of every element."""
    raise NotImplementedError


def feedforward(weights: list[np.ndarray], biases: list[np.ndarray], x: np.ndarray) -> list[np.ndarray]:
    """The activations of every layer: [a^0, a^1, …, a^L], each (m, n_l), from a^0 = x to the output.

    z^l = w^l a^(l−1) + b^l  and  a^l = σ(z^l), for one example.
    """
    raise NotImplementedError


def backprop(
    weights: list[np.ndarray], biases: list[np.ndarray], x: np.ndarray, y: np.ndarray
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """nabla_w, nabla_b: ∂C/∂w^l (n_l, n_l−1) and ∂C/∂b^l (n_l,) of every layer 1 … L.

    BP1  δ^L = ∂C/∂a^L ⊙ σ′(z^L)
    BP2  δ^l = (w^(l+1))ᵀ δ^(l+1) ⊙ σ′(z^l)
    BP3  ∂C/∂b^l = δ^l
    BP4  ∂C/∂w^l_jk = a^(l−1)_k δ^l_j

    These are for one example; the gradient of the mini-batch is their mean. You may return nabla_w, nabla_b, deltas,
    with δ^l (m, n_l) an example a row: then a mistake is found more closely.
    """
    raise NotImplementedError


def update_mini_batch(
    weights: list[np.ndarray], biases: list[np.ndarray], x: np.ndarray, y: np.ndarray, eta: float
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The weights and biases after one step of gradient descent: w → w − η ∂C/∂w, b → b − η ∂C/∂b."""
    raise NotImplementedError
