"""The third witness: derivatives of the cost by complex steps, that know neither autograd nor BP1–BP4.

σ is analytic, and so is C in each weight and bias. To first order in h, C(w + ih) = C(w) + ih dC/dw: the derivative
lies in the imaginary part alone. Nothing is subtracted to get it, so h can be so small that nothing is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Int

H = 1e-20  # what is left out is of order h², far below rounding
AT_ONCE = 2**20  # so many weights in the copies of a layer that are made at a time: 16 MiB


def complex_step(
    weights: Sequence[Float[np.ndarray, "_n_out _n_in"]],
    biases: Sequence[Float[np.ndarray, " _n_out"]],
    x: Float[np.ndarray, "m n_0"],
    y: Float[np.ndarray, "m n_L"],
    factor: float,
    layer: int,
    at: Int[np.ndarray, "p d"],
) -> Float[np.ndarray, " p"]:
    """The derivatives of the mini-batch's cost C = (1/m) Σ_x (factor/2) ‖y − a‖² by p elements of layer 1 … L.

    A row of ``at`` is (j, k) for ∂C/∂w_jk, or (j,) for ∂C/∂b_j. Whatever the dtypes are, the work is done in float64;
    derivatives below about 1e-280 underflow. Raises ValueError where the layer or the row's length is another,
    IndexError where there is no such element. After Squire & Trapp, SIAM Review 40(1), 1998.
    """
    if not (1 <= layer <= len(weights) and at.shape[1] in (1, 2)):
        raise ValueError(
            f"layer, at: layer {layer} and rows of {at.shape[1]} numbers came, "
            f"expected layer 1 … {len(weights)} and rows (j, k) for weights or (j,) for biases"
        )
    w, b = list(weights), list(biases)
    moved = w if at.shape[1] == 2 else b  # the list of which one array gets p versions
    still, p = moved[layer - 1], max(1, AT_ONCE // moved[layer - 1].size)
    derivatives = [np.empty(0)]
    for part in np.split(at, range(p, len(at), p)):
        moved[layer - 1] = _plus_ih(still, part)
        derivatives.append(_cost(w, b, x, y, factor).imag / H)  # dC/dw = Im C(w + ih) / h
    return np.concatenate(derivatives)


def whole_gradient(
    weights: Sequence[Float[np.ndarray, "_n_out _n_in"]],
    biases: Sequence[Float[np.ndarray, " _n_out"]],
    x: Float[np.ndarray, "m n_0"],
    y: Float[np.ndarray, "m n_L"],
    factor: float,
) -> tuple[list[Float[np.ndarray, "_n_out _n_in"]], list[Float[np.ndarray, " _n_out"]]]:
    """∂C/∂w and ∂C/∂b of every layer, a forward pass for each element: for small networks."""
    nabla_w, nabla_b = (
        [
            complex_step(weights, biases, x, y, factor, l, everywhere(array.shape)).reshape(array.shape)
            for l, array in enumerate(arrays, start=1)
        ]
        for arrays in (weights, biases)
    )
    return nabla_w, nabla_b


def everywhere(shape: tuple[int, ...]) -> Int[np.ndarray, "p d"]:
    """The indices of all elements of an array, in the order in which they lie."""
    return np.argwhere(np.ones(shape, bool))


def anywhere(shape: tuple[int, ...], count: int, rng: np.random.Generator) -> Int[np.ndarray, "p d"]:
    """The indices of ``count`` different elements of an array, or of all if they are fewer, at random."""
    return rng.permutation(everywhere(shape))[:count]


def _plus_ih(array: np.ndarray, at: np.ndarray) -> np.ndarray:
    """A version of the array for each row of ``at``, with ih added to that element."""
    versions = np.repeat(array[None].astype(np.complex128), len(at), axis=0)
    versions[np.arange(len(at)), *at.T] += 1j * H  # w + ih
    return versions


def _cost(
    weights: Sequence[np.ndarray], biases: Sequence[np.ndarray], x: np.ndarray, y: np.ndarray, factor: float
) -> np.ndarray:
    """C for each version of the one array that has several."""
    a = x.astype(np.complex128)
    for w, b in zip(weights, biases, strict=True):
        z = a @ w.astype(np.complex128).swapaxes(-1, -2) + b[..., None, :]  # z^l = w^l a^{l−1} + b^l
        a = _sigmoid(z)  # a^l = σ(z^l)
    return factor / 2 * np.square(y - a).sum(axis=-1).mean(axis=-1)  # C = (1/m) Σ_x (factor/2) ‖y − a‖²


def _sigmoid(z: np.ndarray) -> np.ndarray:
    """σ(z) near the real axis, as e^z / (1 + e^z) where 1 / (1 + e^−z) would overflow."""
    left = z.real < 0
    e = np.exp(np.where(left, z, -z))
    return np.where(left, e, 1) / (1 + e)  # σ(z)
