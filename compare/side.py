"""The implementation under test: anything that takes a block of mini-batches and gives the trace of its steps."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from compare.trace import Trace, Weights
from scratch.network import Parameters
from scratch.sgd import Steps

if TYPE_CHECKING:
    from jaxtyping import Float

    from scratch.cost import QuadraticCost


class Block:
    """K mini-batches in memory of their own: x with the constant input 1 as last column, y one-hot."""

    def __init__(self, K: int, m: int, n_0: int, n_L: int, dtype: np.dtype) -> None:
        self.x_one = np.ones((K, m, n_0 + 1), dtype)
        self.x = self.x_one[:, :, :-1]
        self.y_columns = np.zeros((K, n_L, m), dtype)
        self.y = self.y_columns.transpose(0, 2, 1)

    def lock(self, locked: bool = True) -> None:
        """While it is locked nobody can write to it: what one side sees, the other sees."""
        for array in (self.x_one, self.x, self.y_columns, self.y):
            array.flags.writeable = not locked


@runtime_checkable
class Side(Protocol):
    """One of the two networks in training; a block's steps start where the last block's ended."""

    def advance(self, block: Block) -> tuple[Weights, Trace]:
        """Take the block's K steps: the parameters before each, and the trace. Valid until the call after next."""


class ScratchSide:
    """The hand-written network of ``scratch``."""

    def __init__(self, start: Parameters, cost: QuadraticCost, eta: float) -> None:
        """Starts from a copy of ``start``."""
        self.cost, self.eta = cost, eta
        self.current = start.copy()
        self._recorders: dict[tuple[int, int], Iterator[Steps]] = {}

    def advance(self, block: Block) -> tuple[Weights, Trace]:
        """Two recorders take turns, so that one block can be checked while the next is made."""
        K, m, _ = block.x.shape
        if (K, m) not in self._recorders:
            self._recorders[K, m] = cycle([Steps(self.current, self.cost, m, K) for _ in range(2)])
        steps = next(self._recorders[K, m])
        steps.vectors[0] = self.current.vector
        for k in range(K):
            steps.take(k, block.x_one[k], block.y_columns[k], self.eta)
        self.current.vector[:] = steps.vectors[K]
        return self._weights(steps.vectors[:-1]), self._trace(steps, block)

    def _weights(self, vectors: Float[np.ndarray, "K P"]) -> Weights:
        parameters = Parameters(self.current.sizes, vectors)
        return Weights(parameters.weights, parameters.biases)

    def _trace(self, steps: Steps, block: Block) -> Trace:
        rows, columns = steps.layout, steps.memory
        step = self._weights(steps.steps)
        return Trace(
            zs=[columns[:, z].transpose(0, 2, 1) for z in rows.zs],
            activations=[columns[:, a].transpose(0, 2, 1) for a in rows.activations],
            cost=self.cost.value(columns[:, rows.activations[-1]], block.y_columns),
            nabla_a=columns[:, rows.nabla_a].transpose(0, 2, 1),
            deltas=[columns[:, delta].transpose(0, 2, 1) for delta in rows.deltas],
            nabla_b=step.biases,
            nabla_w=step.weights,
            scale=self.eta,
            after=self._weights(steps.vectors[1:]),
        )
