"""First-order Taylor: f(x) - f(c) ≈ ∇f(c) · (x - c), and how to see by its remainder that ∇f is right.

A point, a gradient and a displacement are lists of arrays of the same shapes, as the weights and biases of a
network are: weights + biases. Letters: n_in inputs, k steps h.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

STEPS = 2.0 ** -np.arange(9, 20)  # the h of taylor_slope: small enough for the second order to lead
ROUNDINGS = 256  # a remainder counts if it is larger than so many roundings of what it is computed from


@dataclass(frozen=True)
class Change:
    """What ∇f predicted for f(x) - f(c), and what f did."""

    predicted: float
    before: float
    after: float

    @property
    def actual(self) -> float:
        """f(x) - f(c); not finite where f is not."""
        return self.after - self.before  # Δf = f(x) - f(c)

    @property
    def remainder(self) -> float:
        """What first order does not explain: of second order in x - c if ∇f is right (lecture 1, Taylor)."""
        return self.actual - self.predicted  # Δf - ∇f(c) · Δx


def delta_output(
    d_weights: Float[np.ndarray, " n_in"],
    d_bias: float,
    delta_weights: Float[np.ndarray, " n_in"],
    delta_bias: float,
) -> float:
    """Δoutput ≈ Σ_j ∂output/∂w_j Δw_j + ∂output/∂b Δb, of one neuron and one example (lecture 1, Taylor)."""
    return float(d_weights @ delta_weights + d_bias * delta_bias)  # Δoutput


def inner(a: list[Float[np.ndarray, "..."]], b: list[Float[np.ndarray, "..."]]) -> float:
    """a · b over all entries of two lists of arrays of the same shapes."""
    return float(sum(np.sum(a_i * b_i) for a_i, b_i in zip(a, b, strict=True)))


def change(
    f: Callable[[list[np.ndarray]], float],
    c: list[Float[np.ndarray, "..."]],
    gradient: list[Float[np.ndarray, "..."]],
    displacement: list[Float[np.ndarray, "..."]],
) -> Change:
    """Predicted and actual change of f from c to c + displacement; gradient is ∇f(c) (lecture 1, Taylor).

    f gets arrays of its own. Raises ValueError where the shapes of the lists differ (NumPy would broadcast).
    """
    _require_shapes_of(c, gradient=gradient, displacement=displacement)
    x = [np.asarray(c_i + d_i) for c_i, d_i in zip(c, displacement, strict=True)]  # x = c + Δx
    predicted = inner(gradient, displacement)  # Δf ≈ ∇f(c) · Δx
    return Change(predicted, before=float(f([c_i.copy() for c_i in c])), after=float(f(x)))


def taylor_slope(
    f: Callable[[list[np.ndarray]], float],
    c: list[Float[np.ndarray, "..."]],
    gradient: list[Float[np.ndarray, "..."]],
    v: list[Float[np.ndarray, "..."]],
    hs: Float[np.ndarray, " k"] = STEPS,
) -> float:
    """The slope of log |f(c + h v) - f(c) - h ∇f(c) · v| over log h, by least squares.

    2 if `gradient` is ∇f(c), for the remainder is (h²/2) vᵀHv + ... (more where vᵀHv = 0); 1 if it is not,
    for an error leaves a term in h; between the two where that term is small: right is from about 1.9 on.
    Only an error along v is seen, so draw v at random, of the size of c. f has to compute in c's precision:
    remainders that its rounding could make are left out. Raises ValueError where fewer than 3 are left, an
    h is not above 0, f is not finite, or the shapes differ. After lecture 1, Taylor.
    """
    if not (hs > 0).all():
        raise ValueError(f"hs: {hs} came, expected steps above 0; leave it out for {STEPS[0]} to {STEPS[-1]}")
    changes = [change(f, c, gradient, [np.asarray(h * v_i) for v_i in v]) for h in hs]
    remainders = np.abs([moved.remainder for moved in changes])  # |f(c + h v) - f(c) - h ∇f(c) · v|
    if not np.isfinite(remainders).all():
        raise ValueError(f"f: not finite at h = {hs[~np.isfinite(remainders)]}; choose smaller hs, or another c")
    kept = remainders > [ROUNDINGS * rounding(moved, c, gradient) for moved in changes]
    if len(set(hs[kept])) < 3:
        raise ValueError(
            f"hs: the remainder is above rounding at {hs[kept]} only, expected 3 different h or more; "
            "choose larger hs or float64, or another v if f is linear along v"
        )
    return least_squares_slope(np.log(hs[kept]), np.log(remainders[kept]))


def least_squares_slope(x: Float[np.ndarray, " k"], y: Float[np.ndarray, " k"]) -> float:
    """The slope of the line nearest to the points (x, y) in y."""
    x = x - x.mean()
    return float(x @ (y - y.mean()) / (x @ x))  # Σ (x - x̄)(y - ȳ) / Σ (x - x̄)²


def rounding(moved: Change, c: list[Float[np.ndarray, "..."]], gradient: list[Float[np.ndarray, "..."]]) -> float:
    """One rounding of each number in the remainder, and of c + h v, which f passes on |∇f| times as large."""
    eps = max(float(np.finfo(c_i.dtype).eps) for c_i in c)
    point = float(sum(np.abs(g_i * c_i).sum() for g_i, c_i in zip(gradient, c, strict=True)))  # |∇f(c)| · |c|
    return eps * (abs(moved.before) + abs(moved.after) + abs(moved.predicted) + point)


def _require_shapes_of(c: list[np.ndarray], **others: list[np.ndarray]) -> None:
    expected = [c_i.shape for c_i in c]
    for name, arrays in others.items():
        shapes = [array.shape for array in arrays]
        if shapes != expected:
            raise ValueError(f"{name}: shapes {shapes} came, expected {expected}, as c; reshape it like c")
