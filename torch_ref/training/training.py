"""A training run on its way: the networks, their optimiser, the place in the data, and what came out so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import ceil
from typing import TYPE_CHECKING

import torch

from torch_ref.data import Dataset
from torch_ref.share import ALONE, Share
from torch_ref.training.examples import Examples, accuracy
from torch_ref.training.order import Order, generators
from torch_ref.training.replicas import Replicas, costs
from torch_ref.training.settings import CLASSES, COSTS, DTYPES, Settings
from torch_ref.training.stop import reason_to_stop
from torch_ref.training.unrolled import Unrolled

if TYPE_CHECKING:
    from jaxtyping import Float, Int

BLOCK = 256  # steps between two looks at the costs: on a GPU a look waits for all that was asked of it


class Diverged(Exception):
    """Numbers of network ``replica`` are no longer finite: the cost of ``step``, or what it made of the parameters.

    Steps count from 1 over all epochs.
    """

    def __init__(self, step: int, replica: int) -> None:
        super().__init__(f"step {step}, network {replica}")
        self.step, self.replica = step, replica


@dataclass(frozen=True)
class Epoch:
    """What came out of an epoch, a number for each network: the mean cost of its mini-batches, and accuracies."""

    cost: list[float]
    validation: list[float]
    test: list[float]

    def as_dict(self) -> dict[str, list[float]]:
        """By name, as JSON takes it."""
        return asdict(self)


class Training:
    """R networks in training; ``step`` counts within the epoch that it is in, ``history`` has the epochs that ended."""

    def __init__(
        self, settings: Settings, data: Dataset, device: torch.device, share: Share = ALONE, graph: bool = False
    ) -> None:
        """At its beginning: everything is drawn from the seed. ``graph``: several steps in one launch, on CUDA."""
        dtype = DTYPES[settings.dtype]
        training = data.training if settings.limit is None else data.training.head(settings.limit)
        self.settings, self.device, self.share = settings, device, share
        self.training, self.validation, self.test = (
            Examples.of(examples, dtype, device) for examples in (training, data.validation, data.test)
        )
        drawing = generators(settings.seed, settings.replicas)
        sizes = (self.training.x.shape[1], *settings.hidden, CLASSES)
        self.net = Replicas.random(sizes, drawing, dtype, device)
        self.model = share.model(self.net)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=settings.eta)
        self.order = Order(len(self.training), drawing, device, ahead=graph)
        of = (self.net, self.optimizer, self.training, settings.batch_size, COSTS[settings.cost])
        self.unrolled = Unrolled(*of) if graph else None
        self.steps_per_epoch = ceil(len(self.training) / settings.batch_size)
        self.step, self.history = 0, list[Epoch]()
        self.cost_sum = torch.zeros(settings.replicas, dtype=torch.float64, device=device)

    @property
    def steps_done(self) -> int:
        """Of all epochs."""
        return len(self.history) * self.steps_per_epoch + self.step

    @property
    def reason_to_stop(self) -> str | None:
        """Why it is at its end, or None."""
        return reason_to_stop(self.settings, [epoch.validation for epoch in self.history])

    def run_epoch(self, after_block: Callable[[], None]) -> Epoch:
        """Train from the step that it is at to the end of the epoch, and evaluate. Raises Diverged."""
        permutation = self.next_order()
        while self.step < self.steps_per_epoch:
            self._block(permutation)
            after_block()
        epoch = Epoch(
            (self.cost_sum / self.steps_per_epoch).tolist(),
            accuracy(self.net, self.validation),
            accuracy(self.net, self.test),
        )
        self.history.append(epoch)
        self.step, self.cost_sum = 0, torch.zeros_like(self.cost_sum)
        return epoch

    def next_order(self) -> Int[torch.Tensor, "R n"]:
        """Draw the order of the examples of an epoch, for each network."""
        permutation = self.order.next_epoch()
        if self.unrolled:
            self.unrolled.begin(permutation)
        return permutation

    def _block(self, permutation: torch.Tensor) -> None:
        """The next steps, and then a look at their costs."""
        first, last = self.step, min(self.step + BLOCK, self.steps_per_epoch)
        found = self.share.sum(self.steps(permutation, first, last))
        self._check(found)
        self.cost_sum += found.sum(dim=0, dtype=torch.float64)
        self.step = last

    def steps(self, permutation: Int[torch.Tensor, "R n"], first: int, last: int) -> Float[torch.Tensor, "steps R"]:
        """Take those from ``first`` to before ``last`` of the latest order; the cost of each mini-batch before it."""
        if self.unrolled:
            return self.unrolled.take(first, last)
        return torch.stack([self._step(rows) for rows in self._mini_batches(permutation, first, last)])

    def _mini_batches(self, permutation: torch.Tensor, first: int, last: int) -> tuple[torch.Tensor, ...]:
        m = self.settings.batch_size
        return permutation[:, first * m : last * m].split(m, dim=1)

    def _step(self, rows: torch.Tensor) -> Float[torch.Tensor, " R"]:
        """w → w − η∇C in each network, with its own mini-batch; C before it, or this process's part of it."""
        self.optimizer.zero_grad()
        part = self.share.of(rows, dim=1)
        a, y = self.model(self.training.x[part]), self.training.y[part]
        found = costs(a, y, COSTS[self.settings.cost], m=rows.shape[1])
        (self.share.processes * found.sum()).backward()  # ∇C is the sum of the processes' parts, and they take the mean
        self.optimizer.step()
        return found.detach()

    def _check(self, found: Float[torch.Tensor, "steps R"]) -> None:
        """Of the block's costs, and of the parameters after it: no checkpoint has others."""
        after = torch.stack([p.detach().isfinite().flatten(1).all(dim=1) for p in self.net.parameters()]).all(dim=0)
        broken = ~torch.cat([found.isfinite(), after[None]])
        if broken.any():
            step, replica = broken.nonzero()[0].tolist()
            raise Diverged(self.steps_done + min(step + 1, len(found)), replica)
