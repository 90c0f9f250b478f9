"""Owns the pictures of the first layer: what each of its neurons looks for in an image of 28 × 28 pixels."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

SIDE = 28
PIXELS = SIDE * SIDE
NEURONS = 100  # as many are shown, at most: the first
BRIGHTEST = 99.5  # per cent of the weights lie between black and white; the few beyond would leave the others grey
MIDDLE = 127  # the shade of weight 0; 0 is black, 254 is white
LINE = 255  # no shade: a dark blue, since all that is data is grey
PALETTE = bytes([level for shade in range(LINE) for level in [round(shade / 254 * 255)] * 3] + [30, 60, 140])


def white(sides: Sequence[Float[np.ndarray, "n_1 784"]]) -> float:
    """The weight that is shown white, and its negative black: one scale for both sides; 1 if all weights are 0."""
    sizes = np.abs(np.concatenate([w[:NEURONS].ravel() for w in sides]))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    return float(np.percentile(sizes, BRIGHTEST)) if sizes.size else 1.0


def grid(weights: Float[np.ndarray, "n_1 784"], white: float) -> UInt8[np.ndarray, "height width"]:
    """Shades: a tile for each neuron, row by row, between lines. What is not finite is shown as 0."""
    tiles = shades(weights[:NEURONS], white).reshape(-1, SIDE, SIDE)
    columns = math.ceil(math.sqrt(len(tiles)))
    rows = math.ceil(len(tiles) / columns)
    picture = np.full((rows * (SIDE + 1) + 1, columns * (SIDE + 1) + 1), LINE, np.uint8)
    for i, tile in enumerate(tiles):
        top, left = (1 + (SIDE + 1) * place for place in divmod(i, columns))
        picture[top : top + SIDE, left : left + SIDE] = tile
    return picture


def shades(weights: Float[np.ndarray, "*shape"], white: float) -> UInt8[np.ndarray, "*shape"]:
    """−white is black, 0 is mid-grey, and white is white."""
    scaled = np.where(np.isfinite(weights), weights, 0) / white
    return np.round(MIDDLE + MIDDLE * np.clip(scaled, -1, 1)).astype(np.uint8)


def png(picture: UInt8[np.ndarray, "height width"]) -> bytes:
    """The picture as a PNG file with a palette: a third of one with colours, which SummaryWriter.add_image makes."""
    image, file = Image.fromarray(picture), io.BytesIO()
    image.putpalette(PALETTE)
    image.save(file, "PNG")
    return file.getvalue()
