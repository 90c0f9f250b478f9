"""The order of the examples: each network has its own, drawn anew for each epoch from its own seed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from jaxtyping import Int, UInt8


def generators(seed: int, replicas: int) -> list[torch.Generator]:
    """One for each network, on the CPU, so that every device draws the same; network r has seed + r."""
    return [torch.Generator().manual_seed(seed + r) for r in range(replicas)]


class Order:
    """The permutations of one epoch after another; the generators go on from where they are.

    ``ahead``: a second thread draws the next epoch's while the device is at work on this one.
    """

    def __init__(
        self, n: int, generators: Sequence[torch.Generator], device: torch.device, ahead: bool = False
    ) -> None:
        self.n, self.generators, self.device = n, generators, device
        self._thread = ThreadPoolExecutor(1) if ahead else None
        self._next: Future[tuple[torch.Tensor, torch.Tensor]] | None = None
        self.drawn_from = self.state()

    def next_epoch(self) -> Int[torch.Tensor, "R n"]:
        """A permutation of the n examples for each network, on the device."""
        self.drawn_from, drawn = self._next.result() if self._next else self._draw()
        self._next = self._thread.submit(self._draw) if self._thread else None
        return drawn.to(self.device)

    def state(self) -> UInt8[torch.Tensor, "R bytes"]:
        """The random state that the next epoch is drawn from, of every generator."""
        return self._next.result()[0] if self._next else self._states()

    def go_back(self, state: UInt8[torch.Tensor, "R bytes"]) -> None:
        """Draw again from that state. Raises RuntimeError if it is none."""
        if self._next:
            self._next.result()  # or it would draw from there, too
            self._next = None
        for generator, one in zip(self.generators, state, strict=True):
            generator.set_state(one.clone())  # a row of a larger tensor makes torch 2.15 read beside it, and crash

    def _draw(self) -> tuple[torch.Tensor, torch.Tensor]:
        """On the CPU: the states before, and the permutations."""
        return self._states(), torch.stack([torch.randperm(self.n, generator=g) for g in self.generators])

    def _states(self) -> torch.Tensor:
        return torch.stack([g.get_state() for g in self.generators])
