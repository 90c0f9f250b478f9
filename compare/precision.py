"""The rounding of one side: its unit roundoff, what a sum or a product of n terms can lose, and where it underflows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Precision:
    """u is half the distance from 1 to the next number; ``factor`` is what a product's factors are rounded to first.

    ``tiny``: the smallest normal number; below it digits are lost, or all flushed to zero.
    ``sigmoid``: an absolute error of σ beside the relative one, for code that computes a small σ from numbers near 1.
    """

    name: str
    u: float
    tiny: float
    factor: float = 0.0
    sigmoid: float = 0.0

    def __add__(self, other: Precision) -> Precision:
        """Both sides' rounding at once: the bounds are convex in u and 0 at 0, so E(u₁) + E(u₂) ≤ E(u₁ + u₂)."""
        name = self.name if self.name == other.name else f"{self.name} against {other.name}"
        sums = (getattr(self, part) + getattr(other, part) for part in ("u", "tiny", "factor", "sigmoid"))
        return Precision(name, *sums)

    def gamma(self, n: int) -> float:
        """γ_n = nu / (1 − nu): what n roundings do to a product, or to a sum in any order (Higham 2002, ch. 3)."""
        return self._with_factors(n * self.u / (1 - n * self.u) if n * self.u < 1 else math.inf)

    def _with_factors(self, gamma: float) -> float:
        return (1 + gamma) * (1 + self.factor) ** 2 - 1 if self.factor else gamma


@dataclass(frozen=True)
class Probable(Precision):
    """The same rounding with errors of mean zero: γ̃_n(λ) in place of γ_n (Higham & Mary, SISC 41(5), 2019).

    Each bound then holds but for a chance of 2 exp(−λ²(1 − u)²/2).
    """

    chance: float = 1e-12

    def gamma(self, n: int) -> float:
        """γ̃_n(λ) = exp(λ √n u + n u² / (1 − u)) − 1, where that is the smaller of the two."""
        lam = math.sqrt(2 * math.log(2 / self.chance)) / (1 - self.u)
        probable = math.expm1(lam * math.sqrt(n) * self.u + n * self.u**2 / (1 - self.u))
        return min(super().gamma(n), self._with_factors(probable))

    @classmethod
    def of(cls, precision: Precision, chance: float) -> Probable:
        """The same precision, read so that each single bound may fail with that chance."""
        return cls(precision.name, precision.u, precision.tiny, precision.factor, precision.sigmoid, chance)


FLOAT64 = Precision("float64", 2.0**-53, float(np.finfo(np.float64).smallest_normal))
FLOAT32 = Precision("float32", 2.0**-24, float(np.finfo(np.float32).smallest_normal))
# TF32 keeps ten bits after the point of each factor, by rounding or by cutting off, and sums in float32.
TF32 = Precision("TF32", FLOAT32.u, FLOAT32.tiny, factor=2.0**-10)
PRECISIONS = {"float64": FLOAT64, "float32": FLOAT32}
