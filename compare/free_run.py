"""The torch network training on its own, beside the other: how far the two drift, and whether its steps are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from compare.drift import Drift, norm
from compare.key import Key, tensor
from compare.listener import Moment
from compare.precision import Precision
from compare.ratio import Comparison, Ratios
from compare.reference import Reference
from compare.side import Block
from compare.tolerance import Bounds, bounds
from compare.trace import Trace, Weights
from scratch.network import Parameters
from torch_ref.network import COST_FACTORS
from torch_ref.trainer import Trainer

if TYPE_CHECKING:
    from compare.problem import Problem


class FreeRun:
    """The reference's own SGD. Of the first step, and of the last of each block, the gradient is held against the
    batched one at the same parameters, and the update against w → w − η∇C.
    """

    def __init__(
        self, problem: Problem, start: Parameters, device: torch.device, precision: Precision, of_products: Precision
    ) -> None:
        """Starts from copies of the parameters ``start``; ``of_products`` is what torch computes gradients in."""
        factor = COST_FACTORS[problem.cost]
        self.trainer = Trainer(start.weights, start.biases, eta=problem.eta, factor=factor, device=device)
        self.device, self.eta, self.precision, self.of_products = device, problem.eta, precision, of_products
        self.reference = Reference(problem.sizes, factor, np.dtype(problem.dtype), device)  # the judge's has its hooks
        self.drift = Drift()
        self.wrong: dict[Key, tuple[float, int]] = {}  # gradients and updates with r > 1: r, and in which step first

    def advance(self, block: Block, step: int, trace: Trace) -> tuple[Moment, Moment]:
        """Take the block's steps, up to number ``step``; both sides after the last of them."""
        x, y = torch.tensor(block.x, device=self.device), torch.tensor(block.y, device=self.device)
        last = len(x) - 1
        for k in range(last):
            if k == 0 and not self.drift.steps:
                self._checked_step(x[k], y[k], step - len(x))
            else:
                self.trainer.step(x[k], y[k])
        actual, expected = moment(trace), self._checked_step(x[last], y[last], step - 1)
        self.drift.add(step, actual.parameters, expected.parameters, self.eta * norm(actual.gradients))
        return actual, expected

    def _checked_step(self, x: torch.Tensor, y: torch.Tensor, step: int) -> Moment:
        before = stacked(*self.trainer.net.read_arrays())
        cost = self.trainer.step(x, y)
        after = Moment(float(cost), *self.trainer.net.read_arrays(), *self.trainer.read_gradients())
        with np.errstate(all="ignore"):  # what is not finite is the judge's to name, and the drift's to show
            for key, r in self._ratios(before, x[None].cpu().numpy(), y[None].cpu().numpy(), after).items():
                if not (largest := float(r.max())) <= 1:
                    self.wrong.setdefault(key, (largest, step))
        return after

    def _ratios(self, before: Weights, x: np.ndarray, y: np.ndarray, after: Moment) -> Ratios:
        expected = self.reference.trace(before, x, y)
        nabla = stacked(after.nabla_w, after.nabla_b)
        actual = replace(
            expected, nabla_w=nabla.weights, nabla_b=nabla.biases, after=stacked(after.weights, after.biases)
        )
        bound = bounds(before, x, y, expected, self.reference.factor, self.of_products + self.of_products)
        found = Comparison(before, actual, expected, bound, self.eta, self.precision).ratios()
        return {key: r for key, r in found.items() if key.equation == "SGD" or _decidable(key, expected, bound)}


def _decidable(key: Key, expected: Trace, bound: Bounds) -> bool:
    """Whether it is a gradient, finite where it is right, and with a finite bound."""
    if key.equation not in ("BP3", "BP4"):
        return False
    return bool(np.isfinite(tensor(expected, key)).all() and np.isfinite(bound.at(key, 0)).all())


def stacked(weights: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> Weights:
    """The parameters, or the gradients, of a block of one step."""
    return Weights([w[None] for w in weights], [b[None] for b in biases])


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
