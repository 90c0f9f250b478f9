"""The cases that an implementation is asked about: small networks on which mistakes give numbers far apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from compare.diagnosis.case import Case

# Widths that differ tell a matrix from its transpose, and m, odd and prime, from every width. Square layers, and as
# many examples, let code run that has a matrix the wrong way round. One example shows δ, as ∇b. A second mini-batch
# shows what was kept from the first.
WIDTHS = (6, 5, 4, 3)
SQUARE = (4, 4, 4, 4)
FAR = 400.0  # targets so far away that gradients, and their norm, exceed what some code clips them to


@dataclass(frozen=True)
class Probes:
    """The cases of one seed, for a network of L layers, ``WIDTHS`` from the output back.

    batch   m = 7
    later   m = 5, to be asked after ``batch``; with large gradients
    single  m = 1
    square  m = 4, as wide as all layers
    """

    batch: Case
    later: Case
    single: Case
    square: Case

    @property
    def all(self) -> tuple[Case, ...]:
        """In the order in which they are asked."""
        return (self.batch, self.later, self.single, self.square)


def probes(seed: int, L: int = 3, *, factor: float = 1.0, summed: bool = False, dtype: str = "float64") -> Probes:
    """The cases of that seed: weights and biases N(0, 1), inputs of both signs, real targets, another η in each."""
    rng = np.random.default_rng([seed, L])
    sizes, square = _widths(WIDTHS, L), _widths(SQUARE, L)
    asked = ((sizes, 7, 0.7, 1.0), (sizes, 5, 1.19, FAR), (sizes, 1, 0.41, 1.0), (square, 4, 1.67, 1.0))
    made = [
        random_case(rng, widths, m, eta=eta, reach=reach, factor=factor, summed=summed, dtype=dtype)
        for widths, m, eta, reach in asked
    ]
    return Probes(*made)


def random_case(
    rng: np.random.Generator,
    sizes: Sequence[int],
    m: int,
    *,
    spread: float = 1.0,
    eta: float = 0.7,
    reach: float = 1.0,
    factor: float = 1.0,
    summed: bool = False,
    dtype: str = "float64",
) -> Case:
    """Weights and biases N(0, spread²), inputs N(0, 1), targets from −1 to 2 times ``reach``: no rounded outputs."""
    weights = [spread * rng.standard_normal((n_out, n_in)) for n_in, n_out in pairwise(sizes)]
    biases = [spread * rng.standard_normal(n_out) for n_out in sizes[1:]]
    x, y = rng.standard_normal((m, sizes[0])), reach * rng.uniform(-1, 2, (m, sizes[-1]))
    return Case(
        [w.astype(dtype) for w in weights],
        [b.astype(dtype) for b in biases],
        x.astype(dtype),
        y.astype(dtype),
        eta,
        factor,
        summed,
    )


def _widths(widths: Sequence[int], L: int) -> tuple[int, ...]:
    """The last L + 1 of them; a deeper network begins with wider layers."""
    return (
        tuple(widths[-1 - L :]) if len(widths) > L else tuple(range(widths[0] + L - 3, widths[0], -1)) + tuple(widths)
    )
