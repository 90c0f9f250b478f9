"""What a training run needs of a device's memory, about, and what would fit where it was too much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import torch

from torch_ref.training.examples import CHUNK
from torch_ref.training.settings import CLASSES, DTYPES, Settings
from torch_ref.training.unrolled import GATHERED

PART = 0.9  # of the memory that is there: allocators and libraries take some, and it comes in pieces
LIBRARIES = 2**27  # bytes that cuBLAS works in, about
SMALLER = "smaller --hidden layers, a smaller --limit, or --dtype float32"


@dataclass(frozen=True)
class Plan:
    """What the bytes hang on.

    sizes     widths of the layers, the input's first
    training  examples that are trained on; held_out: those that accuracy is measured by
    itemsize  bytes of a number
    """

    sizes: tuple[int, ...]
    training: int
    held_out: int
    itemsize: int
    replicas: int
    batch_size: int

    @classmethod
    def of(cls, settings: Settings, n_inputs: int, training: int, held_out: int) -> Plan:
        """That of a run with these settings on so many examples."""
        sizes, itemsize = (n_inputs, *settings.hidden, CLASSES), DTYPES[settings.dtype].itemsize
        return cls(sizes, training, held_out, itemsize, settings.replicas, settings.batch_size)

    @property
    def needed(self) -> int:
        """Bytes, about: the examples and the libraries' once, and what each network has of its own.

        That is its parameters and their gradients, each also as a copy; the order of an epoch, drawn and laid out; a
        mini-batch and what is kept of it for the gradient; and the widest layer while accuracy is measured.
        """
        parameters = sum((n_in + 1) * n_out for n_in, n_out in pairwise(self.sizes))
        example, neurons = self.sizes[0] + self.sizes[-1], sum(self.sizes[1:])
        widest = 3 * min(CHUNK, self.held_out) * max(self.sizes[1:])
        each = self.itemsize * (4 * parameters + self.batch_size * (example + 4 * neurons) + widest)
        each += 2 * 8 * self.training  # the order
        return (
            (self.training + self.held_out) * (example * self.itemsize + 8)
            + GATHERED
            + LIBRARIES
            + self.replicas * each
        )


def way_out(plan: Plan, available: int) -> str:
    """What to do where the plan did not fit into so many bytes: fewer networks, or a smaller mini-batch, that would."""
    if plan.replicas > 1 and (fits := _largest(lambda R: replace(plan, replicas=R), plan.replicas, available)):
        return f"a run with --replicas {fits} would fit"
    if fits := _largest(lambda m: replace(plan, batch_size=m), plan.batch_size, available):
        return f"a run with --batch-size {fits} would fit"
    return f"give {SMALLER}"


def out_of_memory(plan: Plan, device: torch.device) -> str:
    """One sentence on it, with what would fit."""
    networks = f"{plan.replicas} network{'s' * (plan.replicas > 1)} with mini-batches of {plan.batch_size}"
    there = available(device)
    if there is None:
        return (
            f"out of memory on {device}, with {networks}; give fewer --replicas, a smaller --batch-size, or {SMALLER}"
        )
    numbers = f"about {plan.needed / 1e9:.2f} GB, and {there / 1e9:.2f} GB are there for them"
    return f"out of memory on {device}: {networks} need {numbers}; {way_out(plan, there)}"


def available(device: torch.device) -> int | None:
    """Bytes of the device that are free or this process's own; None where nobody tells."""
    if device.type != "cuda":
        return None
    return torch.cuda.mem_get_info(device)[0] + torch.cuda.memory_reserved(device)


def _largest(plan: Callable[[int], Plan], asked: int, available: int) -> int:
    """The largest number that fits, by halves; at most half of what was asked, which did not, whatever was reckoned."""
    fits, too_many = 0, asked // 2 + 1
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        fits, too_many = (middle, too_many) if plan(middle).needed <= PART * available else (fits, middle)
    return fits
