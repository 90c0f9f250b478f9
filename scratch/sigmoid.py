"""The sigmoid: the perceptron's step made smooth, so that a small change of a weight changes the output a little."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float


class Constants(NamedTuple):
    """The constants of σ as arrays of the dtype at hand: NumPy takes those sooner than Python's numbers."""

    one: np.ndarray
    cap: np.ndarray  # the largest whole z with finite eᶻ: 88 in float32, 709 in float64

    @classmethod
    def of(cls, dtype: np.dtype) -> Constants:
        """The constants in float32 or float64."""
        return cls(np.array(1, dtype), np.array(np.floor(np.log(np.finfo(dtype).max)), dtype))


def sigmoid(z: Float[np.ndarray, "*shape"] | float) -> Float[np.ndarray, "*shape"]:
    """σ(z) = 1 / (1 + e⁻ᶻ), for any finite z without overflow, to a few units in the last place (Nielsen, ch. 1).

    A number, or an array that is not of floats, is taken as float64.
    """
    z = np.asarray(z)
    z = z if z.dtype.kind == "f" else z.astype(np.float64)
    out = np.empty_like(z)
    sigmoid_into(z, out, np.empty_like(z), Constants.of(z.dtype))
    return out


def sigmoid_prime(z: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """σ′(z) = σ(z) (1 − σ(z)), written σ(z) σ(−z): the same number, and no digit is lost where σ is nearly 1."""
    return sigmoid(z) * sigmoid(-z)


def sigmoid_into(
    z: Float[np.ndarray, "*shape"],
    out: Float[np.ndarray, "*shape"],
    spare: Float[np.ndarray, "*shape"],
    constants: Constants,
) -> None:
    """σ(z) into ``out``, as eᶻ / (1 + eᶻ): 1 / (1 + e⁻ᶻ) with both sides times eᶻ. ``spare`` is overwritten.

    e⁻ᶻ overflows for z ≪ 0, eᶻ for z ≫ 0; but there σ is 1 to the last bit, so the exponent may be capped.
    """
    np.minimum(z, constants.cap, out=out)
    np.exp(out, out)  # eᶻ
    np.add(out, constants.one, spare)  # 1 + eᶻ
    np.divide(out, spare, out)  # σ(z)
