"""Steps of SGD without the host: several at a time, as one function over buffers that stay where they are.

That is what a CUDA graph can hold. The examples, the order of the epoch and the place in it are all on the device.
The steps are those of ``Training``, with the same bits on the CPU; only what needs no launch of its own has none:
examples are gathered, and costs summed, for all of the steps at once, and the gradient begins at a, as
∂C/∂a = (a − y) factor/m.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from torch_ref.training.examples import Examples
from torch_ref.training.graph import captured
from torch_ref.training.replicas import Replicas, mean_squares

if TYPE_CHECKING:
    from jaxtyping import Float, Int

UNROLLED = 64  # steps in one graph, at most: a replay costs a launch, too
GATHERED = 2**25  # bytes of examples that they gather, about: what the cache of a large card holds


class Unrolled:
    """The steps of an epoch, ``m`` examples a mini-batch and fewer in the last."""

    def __init__(
        self, net: Replicas, optimizer: torch.optim.Optimizer, examples: Examples, m: int, factor: float
    ) -> None:
        """``optimizer`` steps the parameters of ``net`` in place; ``factor`` is the cost's. All on one device."""
        self.net, self.optimizer, self.examples, self.factor = net, optimizer, examples, factor
        whole, rest = divmod(len(examples), m)
        new, R = examples.labels.new_zeros, len(net)
        self.whole, self.rest = new(whole, R, m), new(1, R, rest)
        self.costs = examples.x.new_zeros(whole + (rest > 0), R)
        self.at_once = steps_at_once(R * m * (examples.x[0].nbytes + examples.y[0].nbytes))
        self._pieces: dict[tuple[int, int], Piece] = {}

    def begin(self, permutation: Int[torch.Tensor, "R n"]) -> None:
        """An epoch in that order."""
        whole = permutation[:, : self.whole[:, 0].numel()]
        self.whole.copy_(whole.unflatten(1, (len(self.whole), -1)).transpose(0, 1))
        self.rest[0].copy_(permutation[:, whole.shape[1] :])

    def take(self, first: int, last: int) -> Float[torch.Tensor, "steps R"]:
        """The steps from ``first`` to before ``last`` of the epoch: the cost of each mini-batch before its step."""
        step, end = first, min(last, len(self.whole))
        while step < end:
            count = self.at_once if step + self.at_once <= end else 1
            self.costs[step : step + count] = self._piece(count, self.whole).take(step)
            step += count
        if last > end:
            self.costs[end:last] = self._piece(1, self.rest).take(0)
        return self.costs[first:last]

    def _piece(self, count: int, order: torch.Tensor) -> Piece:
        if (key := (count, order.shape[2])) not in self._pieces:
            self._pieces[key] = Piece(self, count, order)
        return self._pieces[key]


class Piece:
    """``count`` steps one after the other, from any place in the order: one launch on CUDA."""

    def __init__(self, of: Unrolled, count: int, order: Int[torch.Tensor, "steps R m"]) -> None:
        """``order`` has the numbers of the examples of every mini-batch of that size; what it holds may change."""
        self.of, self.order = of, order
        self.place = order.new_zeros(1)
        self.following = torch.arange(count, device=order.device)
        R, m = order.shape[1:]
        self.errors = of.examples.y.new_zeros(count, R, m, of.examples.y.shape[1])
        self.costs = of.costs.new_zeros(count, R)
        self._go = captured(self._steps, list(of.net.parameters()), order.device)

    def take(self, place: int) -> Float[torch.Tensor, "count R"]:
        """The steps from the place on; the costs stay there until the next call."""
        self.place.fill_(place)
        self._go()
        return self.costs

    def _steps(self) -> None:
        """All on the device, and nothing is asked of it."""
        rows = self.order.index_select(0, self.place + self.following)
        x, y = (of.index_select(0, rows.flatten()).unflatten(0, rows.shape) for of in self._examples)
        for step in zip(x, y, self.errors, strict=True):
            self._step(*step)
        self.costs.copy_(mean_squares(self.errors, self.of.factor, rows.shape[2]))

    def _step(
        self,
        x: Float[torch.Tensor, "R m n_0"],
        y: Float[torch.Tensor, "R m n_L"],
        error: Float[torch.Tensor, "R m n_L"],
    ) -> None:
        """w → w − η∇C; a − y from before it is left in ``error``."""
        self.of.optimizer.zero_grad()
        a = self.of.net(x)
        torch.sub(a.detach(), y, out=error)
        a.backward(error * (self.of.factor / x.shape[1]))
        self.of.optimizer.step()

    @property
    def _examples(self) -> tuple[torch.Tensor, torch.Tensor]:
        return self.of.examples.x, self.of.examples.y


def steps_at_once(gathered: int) -> int:
    """How many steps a graph has, where each gathers so many bytes."""
    return max(1, min(UNROLLED, GATHERED // gathered))
