"""What a run tells while it works, to whoever wants to know: the progress bar, and TensorBoard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from compare.evaluate import Evaluation
from compare.ratio import Ratios
from torch_ref.network import SigmoidMLP

Layers = list[np.ndarray]


@dataclass(frozen=True)
class Moment:
    """One side after the last step of a block: the parameters, and the cost and gradients of that step's mini-batch.

    weights, nabla_w have shapes (n_out, n_in), biases, nabla_b (n_out,), a layer an entry.
    """

    cost: float
    weights: Layers
    biases: Layers
    nabla_w: Layers
    nabla_b: Layers

    @property
    def parameters(self) -> Layers:
        """All the weights, then all the biases."""
        return [*self.weights, *self.biases]

    @property
    def gradients(self) -> Layers:
        """∇C, in the order of the parameters."""
        return [*self.nabla_w, *self.nabla_b]


@runtime_checkable
class Listener(Protocol):
    """Is told of the start, of every block of steps, of every check, and of every epoch; ``close`` comes always."""

    def start(self, total_steps: int, net: SigmoidMLP, x: np.ndarray) -> None:
        """The run begins; ``net`` is the reference, and ``x`` (m, n_0) a mini-batch that it could be given."""

    def trained(self, step: int, scratch: Moment, torch_ref: Moment, drift: float) -> None:
        """Both sides have taken ``step`` steps in all."""

    def checked(self, step: int, ratios: Ratios) -> None:
        """All steps up to ``step`` have been checked; the ratios are those of the latest block."""

    def evaluated(self, step: int, epoch: int, evaluations: Mapping[str, Evaluation]) -> None:
        """An epoch is over; the evaluations are on ``training``, ``validation`` and ``test`` data."""

    def close(self) -> None:
        """The run is over, or was ended."""
