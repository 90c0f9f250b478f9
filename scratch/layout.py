"""Where the arrays of one mini-batch lie in one block of memory, an example a column.

All the activations lie together, so that σ′ of every layer is one line; so do all the errors. Under the activations
of each layer lies a row of ones, the constant input of the layer above. A recorder stacks such blocks, a step each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float


class Layout:
    """Row ranges of a block ``(rows, m)``: lists have one entry for each of the layers 1 … L."""

    def __init__(self, sizes: Sequence[int]) -> None:
        widths = sizes[1:]
        starts = np.cumsum([0, *(n + 1 for n in widths)])  # every layer's rows, and the row of its constant 1
        block = int(starts[-1])
        self._layers = [slice(int(start), int(start) + n) for start, n in zip(starts, widths, strict=False)]
        self.zs, self.activations, self.deltas = (
            [slice(rows.start + i * block, rows.stop + i * block) for rows in self._layers] for i in range(3)
        )
        self.all_activations, self.all_deltas = slice(block, 2 * block), slice(2 * block, 3 * block)
        self.inputs = [slice(rows.start, rows.stop + 1) for rows in self.activations[:-1]]
        self.constant_inputs = starts[1:] - 1
        self.nabla_a = slice(3 * block, 3 * block + widths[-1])
        self.rows = 3 * block + widths[-1]

    def split(self, block: Float[np.ndarray, "block m"]) -> list[Float[np.ndarray, "_n_l m"]]:
        """The layers' rows of an array laid out as ``all_activations`` and ``all_deltas`` are."""
        return [block[rows] for rows in self._layers]
