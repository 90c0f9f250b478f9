"""Owns the problems of the matrix: small networks on MNIST mini-batches, in four regimes of weights and two dtypes.

The images are pooled from 28 × 28 to 7 × 7 pixels, so that the checks that difference every weight come to an end.
Two layers are square, so that a transposed matrix fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from compare.diagnosis.case import Case
from torch_ref.data import load

if TYPE_CHECKING:
    from jaxtyping import Float, Int

SIZES = (49, 10, 10, 10)
SIZES_OF_BATCHES = (10, 7)  # the second as the last one of an epoch
CONVENTIONS = ((1.0, False), (2.0, False), (1.0, True))  # of the cost: factor, and whether it is the sum
ETA = 3.0
EXAMPLES = 5000  # of MNIST, to take mini-batches from

# What a standard normal weight is multiplied with, by the n_in of its layer.
REGIMES: dict[str, Callable[[int], float]] = {
    "N(0,1)": lambda n_in: 1.0,
    "N(0,1)/√n_in": lambda n_in: n_in**-0.5,
    "saturated": lambda n_in: 10.0,
    "tiny": lambda n_in: 0.01,
}
DTYPES = ("float64", "float32")


@dataclass(frozen=True)
class Setting:
    """A problem by its name; all of it follows from this."""

    regime: str
    dtype: str
    seed: int

    @property
    def m(self) -> int:
        """The size of the mini-batch."""
        return SIZES_OF_BATCHES[self.seed % len(SIZES_OF_BATCHES)]


def settings(seeds: int) -> Iterator[Setting]:
    """Every regime and dtype, a seed after the other."""
    return (Setting(regime, dtype, seed) for seed, dtype, regime in product(range(seeds), DTYPES, REGIMES))


def make(setting: Setting) -> tuple[Case, Case]:
    """The mini-batch before, of full size, and the one that is looked at, each with parameters of its own."""
    rng, scale = np.random.default_rng(setting.seed), REGIMES[setting.regime]
    shapes = list(zip(SIZES[1:], SIZES, strict=False))
    (images, labels), found = pooled(), []
    factor, summed = CONVENTIONS[setting.seed % len(CONVENTIONS)]
    for m in (SIZES_OF_BATCHES[0], setting.m):
        weights = [(rng.standard_normal(s) * scale(s[1])).astype(setting.dtype) for s in shapes]
        biases = [(rng.standard_normal(s[0]) * scale(1)).astype(setting.dtype) for s in shapes]
        rows = rng.choice(len(images), m, replace=False)
        x, y = images[rows].astype(setting.dtype), np.eye(10, dtype=setting.dtype)[labels[rows]]
        found.append(Case(weights, biases, x, y, ETA, factor, summed))
    return found[0], found[1]


@lru_cache(maxsize=1)
def pooled() -> tuple[Float[np.ndarray, "n 49"], Int[np.ndarray, " n"]]:
    """Images of 7 × 7 pixels, each the mean of sixteen, from 0 to 1, and their labels."""
    examples = load("mnist").training.head(EXAMPLES)
    blocks = examples.images.reshape(-1, 7, 4, 7, 4)
    return blocks.mean(axis=(2, 4)).reshape(-1, 49) / 255, examples.labels.astype(int)


def copied(case: Case, dtype: type | None = None) -> Case:
    """The same case in arrays of its own, so that nobody can modify another's; in another dtype where one is given."""
    twin = copy(case)  # not by its constructor, which in the tests refuses what is longer than float64
    for name in ("weights", "biases"):
        vars(twin)[name] = [a.astype(dtype or a.dtype) for a in getattr(case, name)]
    for name in ("x", "y"):
        vars(twin)[name] = getattr(case, name).astype(dtype or case.x.dtype)
    return twin
