"""The torch network training on its own, beside the other: the drift between the two, and torch.optim's own steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from compare.drift import Drift, norm
from compare.listener import Moment
from compare.precision import Precision
from compare.ratio import update_ratio
from compare.side import Block
from compare.trace import Trace
from scratch.network import Parameters
from torch_ref.network import COST_FACTORS
from torch_ref.train import Trainer

if TYPE_CHECKING:
    from compare.problem import Problem


class FreeRun:
    """The reference's own SGD. The first step, and the last of each block, are held against w → w − η∇C."""

    def __init__(self, problem: Problem, start: Parameters, device: torch.device, precision: Precision) -> None:
        """Starts from copies of the parameters ``start``."""
        factor = COST_FACTORS[problem.cost]
        self.trainer = Trainer(start.weights, start.biases, eta=problem.eta, factor=factor, device=device)
        self.device, self.eta, self.precision = device, problem.eta, precision
        self.drift = Drift()
        self.worst_update = 0.0  # the largest r of torch.optim's sampled steps to their own rule w → w − η∇C

    def advance(self, block: Block, step: int, trace: Trace) -> tuple[Moment, Moment]:
        """Take the block's steps, up to number ``step``; both sides after the last of them."""
        x, y = torch.tensor(block.x, device=self.device), torch.tensor(block.y, device=self.device)
        last = len(x) - 1
        for k in range(last):
            take = self._checked_step if k == 0 and not self.drift.steps else self.trainer.step
            take(x[k], y[k])
        actual, expected = moment(trace), self._checked_step(x[last], y[last])
        self.drift.add(step, actual.parameters, expected.parameters, self.eta * norm(actual.gradients))
        return actual, expected

    def _checked_step(self, x: torch.Tensor, y: torch.Tensor) -> Moment:
        weights, biases = self.trainer.net.read_arrays()
        cost = self.trainer.step(x, y)
        after = Moment(float(cost), *self.trainer.net.read_arrays(), *self.trainer.read_gradients())
        arrays = zip([*weights, *biases], after.parameters, after.gradients, strict=True)
        found = [update_ratio(w, new, self.eta * nabla, self.precision) for w, new, nabla in arrays]
        self.worst_update = float(np.max([self.worst_update, *found]))
        return after


def moment(trace: Trace) -> Moment:
    """The last step of a trace that has all its tensors."""
    if trace.after is None:
        raise ValueError("trace: it has no parameters after its steps")
    return Moment(
        float(trace.cost[-1]),
        [w[-1] for w in trace.after.weights],
        [b[-1] for b in trace.after.biases],
        [nabla[-1] / trace.scale for nabla in trace.nabla_w],
        [nabla[-1] / trace.scale for nabla in trace.nabla_b],
    )
