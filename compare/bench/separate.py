"""The step as it would be with weights and biases apart: what docs/decisions/0002 was decided against.

Every other saving of ``scratch.backprop`` is kept: arrays made once, an example a column, σ′ of all layers at once,
the factor η/m on δ, one vector of all parameters, and BP3 of all layers as one product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from scratch.sigmoid import Constants, sigmoid_into


def separate_step(
    weights: Sequence[np.ndarray], biases: Sequence[np.ndarray], x: np.ndarray, y: np.ndarray, scale: float
) -> tuple[Callable[[], None], Callable[[], None], np.ndarray]:
    """A function that takes one SGD step, one that forms its matrix products alone, and the vector that the step
    changes: the weights, then the biases.

    x (m, n_0), y (n_L, m); scale = η/m.
    """
    m, dtype, widths = len(x), x.dtype, [len(b) for b in biases]
    ends, shapes = np.cumsum([w.size for w in weights]), [w.shape for w in weights]
    vector = np.concatenate([*(w.ravel() for w in weights), *biases])
    step, constants, mean = np.zeros_like(vector), Constants.of(dtype), np.full(m, scale, dtype)

    def layers(of: np.ndarray) -> list[np.ndarray]:
        return [part.reshape(s) for part, s in zip(np.split(of, ends)[:-1], shapes, strict=True)]

    def rows(of: np.ndarray) -> list[np.ndarray]:
        return np.split(of, np.cumsum(widths)[:-1])

    w, nabla_w, b, nabla_b = layers(vector), layers(step), vector[ends[-1] :], step[ends[-1] :]
    Z, A, S, D, D_scaled, B = (np.zeros((sum(widths), m), dtype) for _ in range(6))
    z, a, s, d, d_scaled, b_rows = map(rows, (Z, A, S, D, D_scaled, B))
    forward = list(zip(w, [x.T, *a[:-1]], z, b_rows, a, s, strict=True))
    back = [(w[l].T, d[l], d[l - 1], s[l - 1]) for l in range(len(w) - 1, 0, -1)]
    gradient = list(zip(d_scaled, [x, *(h.T for h in a[:-1])], nabla_w, strict=True))
    one_column, scale_array = b[:, None], np.array(scale, dtype)

    def take() -> None:
        np.copyto(B, one_column)
        for w_l, below, z_l, b_l, a_l, spare in forward:
            np.matmul(w_l, below, z_l)
            np.add(z_l, b_l, z_l)
            sigmoid_into(z_l, a_l, spare, constants)
        np.subtract(constants.one, A, S)
        np.multiply(A, S, S)
        np.subtract(a[-1], y, d[-1])
        np.multiply(d[-1], s[-1], d[-1])
        for w_T, above, delta, prime in back:
            np.matmul(w_T, above, delta)
            np.multiply(delta, prime, delta)
        np.multiply(D, scale_array, D_scaled)
        np.matmul(D, mean, nabla_b)
        for delta, below, nabla in gradient:
            np.matmul(delta, below, nabla)
        np.subtract(vector, step, vector)

    def products() -> None:
        for w_l, below, z_l, *_ in forward:
            np.matmul(w_l, below, z_l)
        for w_T, above, delta, _ in back:
            np.matmul(w_T, above, delta)
        for delta, below, nabla in gradient:
            np.matmul(delta, below, nabla)

    return take, products, vector
