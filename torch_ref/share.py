"""The part that one of several processes has of each mini-batch. torchrun starts them, torch.distributed joins them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import NoReturn

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

TIMEOUT = timedelta(seconds=60)  # for a process that is silent; one that has died is noticed at once


class LostError(Exception):
    """Another process of the run has ended, or cannot be reached."""


@dataclass(frozen=True)
class Share:
    """This is process ``rank`` of ``processes``."""

    rank: int = 0
    processes: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the one that prints, logs and saves."""
        return self.rank == 0

    def of(self, examples: torch.Tensor, dim: int) -> torch.Tensor:
        """Its part of the m examples along ``dim``: m // processes or one more, and none where there are too few."""
        return examples.tensor_split(self.processes, dim=dim)[self.rank]

    def model(self, net: nn.Module) -> nn.Module:
        """The network itself; or one whose gradients are the mean of those of all processes."""
        return net if self.processes == 1 else DistributedDataParallel(net)

    def sum(self, part: torch.Tensor) -> torch.Tensor:
        """Of all processes."""
        if self.processes > 1:
            dist.all_reduce(part)
        return part

    @contextmanager
    def together(self) -> Iterator[None]:
        """Inside, what breaks off because another process does not answer is a LostError."""
        try:
            yield
        except torch.OutOfMemoryError:
            raise
        except (RuntimeError, ValueError) as e:  # gloo has no class of errors of its own
            if self.processes == 1:
                raise
            why = str(e).strip().partition("\n")[0][:200]
            raise LostError(f"the {self.processes} processes of this run cannot go on together: {why}") from e


ALONE = Share()


@contextmanager
def joined(device: str) -> Iterator[Share]:
    """Joins the processes that torchrun has started, if it has. Raises LostError where one is lost."""
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    if processes == 1:
        yield ALONE
        return
    signal.signal(signal.SIGTERM, _ended)
    share = Share(int(os.environ["RANK"]), processes)
    try:
        with share.together():
            dist.init_process_group("nccl" if device.startswith("cuda") else "gloo", timeout=TIMEOUT)
            yield share
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()


def own_device(device: str) -> str:
    """cuda alone is a card for each process of a machine."""
    return f"cuda:{os.environ['LOCAL_RANK']}" if device == "cuda" and "LOCAL_RANK" in os.environ else device


def _ended(_signal: int, _frame: object) -> NoReturn:
    raise LostError("this process was ended from outside, as torchrun does when another one is lost")
