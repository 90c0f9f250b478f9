"""Backpropagation: the gradient of the cost of one mini-batch, by the four equations BP1–BP4 (Nielsen, ch. 2).

∇C is linear in ∂C/∂a, and so is all that is derived from it. A factor for the whole gradient, such as the 1/m of the
mean over the mini-batch, is therefore put on the errors δ, which are few, and not on the gradient, which is large.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scratch.layout import Layout
from scratch.network import Parameters, with_constant_input
from scratch.sigmoid import Constants, sigmoid_into

if TYPE_CHECKING:
    from jaxtyping import Float

    from scratch.cost import QuadraticCost


class Backprop:
    """The equations for one mini-batch of m examples, and the arrays that they fill, made once.

    zs[l], activations[l], deltas[l]  (n_l, m)  z, a and δ of the layers 1 … L, an example a column
    nabla_a                           (n_L, m)  ∂C/∂a^L
    """

    def __init__(
        self,
        parameters: Parameters,
        nabla: Parameters,
        cost: QuadraticCost,
        layout: Layout,
        memory: Float[np.ndarray, "rows m"],
    ) -> None:
        """``gradient`` reads ``parameters``, fills ``nabla``, and keeps the arrays above in ``memory``."""
        self.cost = cost
        self.constants = Constants.of(memory.dtype)
        self.all_activations, self.all_deltas = memory[layout.all_activations], memory[layout.all_deltas]
        self.all_activations[layout.constant_inputs] = 1
        self.all_deltas[layout.constant_inputs] = 0
        self.all_primes, self.all_scaled = np.zeros_like(self.all_deltas), np.zeros_like(self.all_deltas)
        self.nabla_a = memory[layout.nabla_a]
        self.zs = [memory[rows] for rows in layout.zs]
        self.activations = [memory[rows] for rows in layout.activations]
        self.deltas = [memory[rows] for rows in layout.deltas]
        self.primes = layout.split(self.all_primes)  # σ′(z^l)
        self.scaled = layout.split(self.all_scaled)  # δ^l times the factor of the gradient
        self.inputs = [memory[rows] for rows in layout.inputs]  # the activations below layers 2 … L, and the 1
        self._list_layers(parameters, nabla)

    def _list_layers(self, parameters: Parameters, nabla: Parameters) -> None:
        """List what the equations of each layer work on, once: a small network's step is mostly Python's own time.

        What the first layer works on, x, comes with each call and takes the place that is held for it.
        """
        held = np.empty(0)
        below, below_T = [held, *self.inputs], [held, *(a.T for a in self.inputs)]
        forward = zip(parameters.layers, below, self.zs, self.activations, self.primes, strict=True)
        back = zip(parameters.weights_T[1:], self.deltas[1:], self.deltas, self.primes, strict=False)
        self._forward, self._back = [list(layer) for layer in forward], list(back)[::-1]
        self._gradient = [list(layer) for layer in zip(self.scaled, below_T, nabla.layers, strict=True)]

    def gradient(
        self, x: Float[np.ndarray, "m inputs"], y: Float[np.ndarray, "n_L m"], scale: float | Float[np.ndarray, ""]
    ) -> None:
        """``scale`` × Σ_x ∂C_x/∂(w, b) into nabla: scale = 1/m gives ∇C, and η/m the step η∇C.

        x has the constant input as its last column (``with_constant_input``); y has an example a column.
        """
        self.feedforward(x)
        self.backward(y)
        np.multiply(self.all_deltas, scale, self.all_scaled)
        self._gradient[0][1] = x
        for delta, a_T, nabla in self._gradient:
            np.matmul(delta, a_T, nabla)  # BP4: ∂C/∂w = δ aᵀ; BP3 in the last column, where a = 1: ∂C/∂b = δ

    def feedforward(self, x: Float[np.ndarray, "m inputs"]) -> None:
        """Fill z and a of every layer."""
        self._forward[0][1] = x.T
        for layer, a_below, z, a, spare in self._forward:
            np.matmul(layer, a_below, z)  # z^l = w^l a^{l−1} + b^l
            sigmoid_into(z, a, spare, self.constants)  # a^l = σ(z^l)

    def backward(self, y: Float[np.ndarray, "n_L m"]) -> None:
        """Fill ∂C/∂a^L and δ of every layer, from the output back."""
        np.subtract(self.constants.one, self.all_activations, self.all_primes)
        np.multiply(self.all_activations, self.all_primes, self.all_primes)  # σ′(z) = σ(z)(1 − σ(z)), every layer
        self.cost.derivative(self.activations[-1], y, self.nabla_a)  # ∂C/∂a^L
        np.multiply(self.nabla_a, self.primes[-1], self.deltas[-1])  # BP1: δ^L = ∂C/∂a ⊙ σ′(z^L)
        for w_T, delta_above, delta, prime in self._back:
            np.matmul(w_T, delta_above, delta)
            np.multiply(delta, prime, delta)  # BP2: δ^l = (w^{l+1})ᵀ δ^{l+1} ⊙ σ′(z^l)


def backprop(
    parameters: Parameters,
    x: Float[np.ndarray, "m n_0"],
    y: Float[np.ndarray, "m n_L"],
    cost: QuadraticCost,
) -> Parameters:
    """∇C of the mean cost of a mini-batch whose examples are rows, in the shape of the parameters.

    Raises ValueError where x or y does not fit the parameters.
    """
    check_examples(parameters, x, y)
    layout = Layout(parameters.sizes)
    nabla = Parameters(parameters.sizes, np.empty_like(parameters.vector))
    arrays = Backprop(parameters, nabla, cost, layout, np.empty((layout.rows, len(x)), x.dtype))
    arrays.gradient(with_constant_input(x), y.T, 1 / len(x))
    return nabla


def check_examples(parameters: Parameters, x: np.ndarray, y: np.ndarray) -> None:
    """Raises ValueError unless x is (m, n_0) and y (m, n_L), m ≥ 1, both in the dtype of the parameters."""
    expected = ((len(x), parameters.sizes[0]), (len(x), parameters.sizes[-1]))
    if (x.shape, y.shape) != expected or not len(x):
        raise ValueError(
            f"x and y have shapes {x.shape} and {y.shape}; expected {expected[0]} and {expected[1]}, m ≥ 1"
        )
    if not x.dtype == y.dtype == parameters.vector.dtype:
        raise ValueError(
            f"x is {x.dtype}, y {y.dtype} and the parameters are {parameters.vector.dtype}; give all in one dtype"
        )
