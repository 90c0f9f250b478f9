"""How far rounding alone can take each computed quantity from its exact value, element by element (docs/tolerance.md).

Δq is the bound on the error of q. All of it is worked out from what the reference computed, in float64.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from compare.key import Key
from compare.precision import Precision
from compare.trace import LAYERED, Trace, Weights

if TYPE_CHECKING:
    from jaxtyping import Float

SIGMOID_ROUNDINGS = 8  # of one σ: an exponential good to 3 units in the last place (6u), an addition and a division
SECOND = 1 / (6 * np.sqrt(3))  # the largest |σ″|
THIRD = 1 / 8  # the largest |σ‴|
NEGLIGIBLE = 1e-150  # keeps every bound above 0, so that a ratio to it is always a number


class Outer(NamedTuple):
    """The bound on a weight gradient, as the two factors whose product it is; it is too large to keep."""

    left: Float[np.ndarray, "K n_out terms"]
    right: Float[np.ndarray, "K terms n_in"]

    def at(self, k: int) -> Float[np.ndarray, "n_out n_in"]:
        """The bound of step k."""
        return self.left[k] @ self.right[k]

    def step(self, k: int) -> Outer:
        """That of step k alone."""
        return Outer(self.left[k : k + 1], self.right[k : k + 1])


@dataclass
class Bounds:
    """The bound on |actual − expected| for every quantity of a trace but the updated parameters."""

    zs: list[Float[np.ndarray, "K m _n_l"]] = field(default_factory=list)
    activations: list[Float[np.ndarray, "K m _n_l"]] = field(default_factory=list)
    cost: Float[np.ndarray, " K"] = field(default_factory=lambda: np.zeros(0))
    nabla_a: Float[np.ndarray, "K m n_L"] = field(default_factory=lambda: np.zeros((0, 0, 0)))
    deltas: list[Float[np.ndarray, "K m _n_l"]] = field(default_factory=list)
    nabla_b: list[Float[np.ndarray, "K _n_out"]] = field(default_factory=list)
    nabla_w: list[Outer] = field(default_factory=list)

    def of(self, key: Key) -> np.ndarray | Outer:
        """The bound on the tensor of that name and layer, in every step."""
        value = getattr(self, key.name)
        return value[key.layer - 1] if isinstance(value, list) else value

    def at(self, key: Key, k: int) -> np.ndarray:
        """The bound on that tensor in step k."""
        value = self.of(key)
        return np.asarray(value.at(k) if isinstance(value, Outer) else value[k])

    def step(self, k: int) -> Bounds:
        """Those of step k alone."""
        one = slice(k, k + 1)
        lists = {name: [bound[one] for bound in getattr(self, name)] for name in LAYERED if name != "nabla_w"}
        return Bounds(
            cost=self.cost[one], nabla_a=self.nabla_a[one], nabla_w=[w.step(k) for w in self.nabla_w], **lists
        )


def bounds(
    before: Weights,
    x: Float[np.ndarray, "K m n_0"],
    y: Float[np.ndarray, "K m n_L"],
    expected: Trace,
    factor: float,
    precision: Precision,
    scale: float = 1.0,
) -> Bounds:
    """The bounds of K steps. ``precision`` is the sum of both sides'; the gradients are those of scale × C."""
    # What is scaled down by scale / m, underflows, and is scaled up again, has lost that much more.
    precision = replace(precision, tiny=precision.tiny * (1 + x.shape[1] / scale))
    out = Bounds()
    inputs = [np.abs(_float64(x)), *(_float64(a) for a in expected.activations)]
    errors: list[np.ndarray | None] = [None]  # Δa; the inputs are exact
    primes = []  # (σ′, Δσ′)
    for w, b, a_below, a in zip(before.weights, before.biases, inputs, inputs[1:], strict=False):
        out.zs.append(dz := _dz(w, b, a_below, errors[-1], precision))
        out.activations.append(da := d_sigmoid(a, dz, precision))
        errors.append(da)
        primes.append((a * (1 - a), d_prime(a, dz, precision)))
    error = _float64(expected.nabla_a)
    out.nabla_a = _dnabla_a(error, out.activations[-1], factor, precision)
    out.cost = _dcost(inputs[-1] - y, out.activations[-1], factor, precision)
    out.deltas = _ddeltas(before, expected, error, out.nabla_a, primes, precision)
    for delta, d_delta, a_below, da_below in zip(expected.deltas, out.deltas, inputs, errors, strict=False):
        size, one = np.abs(_float64(delta)), np.ones((*delta.shape[:2], 1))
        out.nabla_w.append(_dnabla(size, d_delta, a_below, da_below, precision, scale))
        outer = _dnabla(size, d_delta, one, None, precision, scale)  # BP3 is BP4 for an input that is 1
        out.nabla_b.append(np.matmul(outer.left, outer.right)[:, :, 0])
    return out


def _dz(w: np.ndarray, b: np.ndarray, a: np.ndarray, da: np.ndarray | None, precision: Precision) -> np.ndarray:
    """Δz ≤ |w|Δa + γ_{n+1}(|w|(|a| + Δa) + |b|)."""
    n = w.shape[2]
    gamma = precision.gamma(n + 1)
    dz = gamma * _times_abs(a, w) if da is None else _times_abs(da + gamma * (a + da), w)
    return dz + (gamma * np.abs(_float64(b)))[:, None, :] + (n + 1) * precision.tiny


def _times_abs(left: np.ndarray, w: np.ndarray) -> np.ndarray:
    """left |w|ᵀ, step by step, so that |w| stays in the cache: w is nearly all that a block is made of."""
    out, magnitude = np.empty((*left.shape[:2], w.shape[1])), np.empty(w.shape[1:])
    for k in range(len(w)):
        np.abs(w[k], out=magnitude)
        np.matmul(left[k], magnitude.T, out=out[k])
    return out


def d_sigmoid(a: np.ndarray, dz: np.ndarray, precision: Precision) -> np.ndarray:
    """Δa ≤ σ′Δz + sup|σ″|Δz²/2 + cuσ, and no more than 1, for 0 ≤ σ ≤ 1."""
    rounding = SIGMOID_ROUNDINGS * precision.u * a + precision.sigmoid + precision.tiny
    return np.minimum(a * (1 - a) * dz + SECOND / 2 * dz**2 + rounding, 1)


def d_prime(a: np.ndarray, dz: np.ndarray, precision: Precision) -> np.ndarray:
    """Δσ′ ≤ |σ″|Δz + sup|σ‴|Δz²/2 + cuσ|1 − 2σ| + 3uσ: the last, as 1 − a loses digits where σ saturates."""
    tilt = np.abs(1 - 2 * a)
    rounding = (SIGMOID_ROUNDINGS * tilt + 3) * precision.u * a + precision.tiny
    rounding += precision.sigmoid * (tilt + precision.sigmoid)
    return np.minimum(a * (1 - a) * tilt * dz + THIRD / 2 * dz**2 + rounding, 1 / 4)


def _dnabla_a(error: np.ndarray, da: np.ndarray, factor: float, precision: Precision) -> np.ndarray:
    """∂C/∂a = factor (a − y): Δ ≤ factor Δa, and the roundings of a difference and a few factors."""
    return factor * da + precision.gamma(8) * (np.abs(error) + factor * da) + precision.tiny


def _dcost(error: np.ndarray, da: np.ndarray, factor: float, precision: Precision) -> np.ndarray:
    """C = (factor/2)(1/m) Σ (a − y)²: Δ ≤ (factor/2)(1/m) Σ (2|a − y|Δa + Δa²), and the roundings of the sum."""
    square, d_square = error**2, (2 * np.abs(error) + da) * da
    gamma = precision.gamma(error[0].size + 8)
    terms = d_square + gamma * (square + d_square)
    return factor / 2 * terms.sum(axis=(1, 2)) / error.shape[1] + error[0].size * precision.tiny


def _ddeltas(
    before: Weights,
    expected: Trace,
    error: np.ndarray,
    d_error: np.ndarray,
    primes: list[tuple[np.ndarray, np.ndarray]],
    precision: Precision,
) -> list[np.ndarray]:
    """BP1 and BP2, from the output back: t = ∂C/∂a, at the output or from the layer above, and δ = t ⊙ σ′."""
    t, dt = np.abs(error), d_error
    out: list[np.ndarray] = []
    for l in range(len(primes) - 1, -1, -1):
        prime, d_prime = primes[l]
        rounding = precision.gamma(6) * (t + dt) * (prime + d_prime)
        d_delta = t * d_prime + dt * (prime + d_prime) + rounding + precision.tiny
        out.insert(0, d_delta)
        if l:
            t, dt = _dt(_float64(before.weights[l]), _float64(expected.deltas[l]), d_delta, precision)
    return out


def _dt(w: np.ndarray, delta: np.ndarray, d_delta: np.ndarray, precision: Precision) -> tuple[np.ndarray, np.ndarray]:
    """t = wᵀδ, as |t|, and Δt ≤ |wᵀ|Δδ + γ_n |wᵀ|(|δ| + Δδ)."""
    n = w.shape[1]
    reach = d_delta + precision.gamma(n + 2) * (np.abs(delta) + d_delta)
    return np.abs(np.matmul(delta, w)), np.matmul(reach, np.abs(w)) + n * precision.tiny


def _dnabla(
    delta: np.ndarray,
    d_delta: np.ndarray,
    a: np.ndarray,
    da: np.ndarray | None,
    precision: Precision,
    scale: float,
) -> Outer:
    """BP4: Δ∇w ≤ (scale/m) [ |δ|ᵀΔa + (Δδ + γ_{m+6}(|δ| + Δδ))ᵀ(|a| + Δa) ]; δ comes as |δ|."""
    m = delta.shape[1]
    lost = d_delta + precision.gamma(m + 6) * (delta + d_delta) + precision.tiny
    left = [lost * (scale / m) + NEGLIGIBLE]
    right = np.empty((len(a), (1 if da is None else 2) * m + 1, a.shape[2]))
    np.add(a, NEGLIGIBLE, out=right[:, :m])
    if da is not None:
        right[:, :m] += da
        left, right[:, m:-1] = [*left, delta * (scale / m)], da
    # Each product may underflow, but not one with an input that is 0 in every example: that gradient is exactly 0.
    left.append(np.full_like(delta[:, :1], m * (1 + scale) * precision.tiny))
    right[:, -1] = True if da is not None else a.any(axis=1)
    return Outer(np.concatenate(left, axis=1).transpose(0, 2, 1), right)


def _float64(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float64, copy=False)
