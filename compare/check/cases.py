"""The cases that an implementation is asked about, by name, in the order in which they are asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compare.check.forms import without_biases
from compare.check.readings import Reading
from compare.diagnosis.case import Case
from compare.diagnosis.probes import probes, random_case

DARK = 0.8  # of an image's pixels
MOST_INPUTS = 100  # of a case that is small enough to be asked about, and computed, thousands of times
SATURATED = 300.0  # weights this large take z to where e⁻ᶻ overflows


def cases(seed: int, L: int, stated: Reading, dtype: str, biased: bool = True, large: bool = True) -> dict[str, Case]:
    """The cases to ask about, by name, in the order to ask them in.

    Not ``biased``: all biases are 0. ``large``: with one of MNIST's size.
    """
    small = probes(seed, L, factor=stated.factor, summed=stated.summed, dtype=dtype)
    rng = np.random.default_rng([seed, L, 1])
    found = {
        "batch": small.batch,
        "later": small.later,
        "single": small.single,
        "square": small.square,
        "saturated": replace(
            random_case(rng, small.batch.sizes, 3, spread=SATURATED, dtype=dtype),
            factor=stated.factor,
            summed=stated.summed,
        ),
    }
    if large:
        found["digits"] = stated.case(digits(rng, (784, *[30] * (L - 1), 10), dtype))
    return found if biased else {name: without_biases(case) for name, case in found.items()}


def digits(rng: np.random.Generator, sizes: tuple[int, ...], dtype: str) -> Case:
    """Ten random images, mostly dark, and their labels one-hot: a mini-batch of the size that MNIST is trained in."""
    case = random_case(rng, sizes, 10, eta=3.0, dtype=dtype)
    pixels = np.where(rng.random(case.x.shape) < DARK, 0, rng.random(case.x.shape)).astype(dtype)
    return replace(case, x=pixels, y=np.eye(sizes[-1])[rng.integers(0, sizes[-1], 10)].astype(dtype))
