"""Owns the pictures of the first layer: what each of its neurons looks for in an image of 28 × 28 pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

SIDE = 28
PIXELS = SIDE * SIDE
NEURONS = 100  # as many are shown, at most: the first
BRIGHTEST = 99.5  # per cent of the weights lie between black and white; those beyond would leave the others grey
LINES = (30, 60, 140)  # a dark blue: all that is data is grey


def white(sides: Sequence[Float[np.ndarray, "n_1 784"]]) -> float:
    """The weight that is shown white, and its negative black: one scale for both sides; 1 if all weights are 0."""
    sizes = np.abs(np.concatenate([w[:NEURONS].ravel() for w in sides]))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    return float(np.percentile(sizes, BRIGHTEST)) if sizes.size else 1.0


def grid(weights: Float[np.ndarray, "n_1 784"], white: float) -> UInt8[np.ndarray, "height width 3"]:
    """A tile for each neuron, row by row, between lines: 0 is mid-grey. What is not finite is mid-grey too."""
    shown = weights[:NEURONS]
    columns = math.ceil(math.sqrt(len(shown)))
    rows = math.ceil(len(shown) / columns)
    picture = np.empty((rows * (SIDE + 1) + 1, columns * (SIDE + 1) + 1, 3), np.uint8)
    picture[:] = LINES
    for i, tile in enumerate(grey(shown, white).reshape(-1, SIDE, SIDE)):
        row, column = (1 + (SIDE + 1) * place for place in divmod(i, columns))
        picture[row : row + SIDE, column : column + SIDE] = tile[..., None]
    return picture


def grey(weights: Float[np.ndarray, "*shape"], white: float) -> UInt8[np.ndarray, "*shape"]:
    """−white is black, 0 is 128, and white is white."""
    levels = 128 + 127 * np.clip(np.nan_to_num(weights / white, posinf=0, neginf=0), -1, 1)
    return np.round(levels).astype(np.uint8)
