"""The order of the examples: each network has its own, drawn anew for each epoch from its own seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from jaxtyping import Int, UInt8


def generators(seed: int, replicas: int) -> list[torch.Generator]:
    """One for each network, on the CPU, so that every device draws the same; network r has seed + r."""
    return [torch.Generator().manual_seed(seed + r) for r in range(replicas)]


class Order:
    """The permutations of one epoch after another; the generators go on from where they are."""

    def __init__(self, n: int, generators: Sequence[torch.Generator], device: torch.device) -> None:
        self.n, self.generators, self.device = n, generators, device
        self.drawn_from = self.state()

    def next_epoch(self) -> Int[torch.Tensor, "R n"]:
        """A permutation of the n examples for each network, on the device."""
        self.drawn_from = self.state()
        return torch.stack([torch.randperm(self.n, generator=g) for g in self.generators]).to(self.device)

    def state(self) -> UInt8[torch.Tensor, "R bytes"]:
        """The random state of every generator now."""
        return torch.stack([g.get_state() for g in self.generators])

    def go_back(self, state: UInt8[torch.Tensor, "R bytes"]) -> None:
        """Draw again from that state. Raises RuntimeError if it is none."""
        for generator, one in zip(self.generators, state, strict=True):
            generator.set_state(one.clone())  # a row of a larger tensor makes torch 2.15 read beside it, and crash
