"""Training on a GPU: each step launched by itself, by torch.compile and from a CUDA graph, beside the card's floor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import torch

from compare.bench.timing import in_turns
from torch_ref.data import Dataset
from torch_ref.training.settings import Settings
from torch_ref.training.training import Training

STEPS = 1024
MANY = 128
SIZES, M = (784, 30, 10), 10
SETTINGS = Settings(hidden=SIZES[1:-1], batch_size=M, eta=1e-3)  # so small that the weights stay what they are


@dataclass(frozen=True)
class Rates:
    """What the card does in a second: bytes read or written by a large copy, and operations of a large product."""

    moved: float
    computed: float

    @classmethod
    def measured(cls, device: torch.device, numbers: int = 2**28, width: int = 8192) -> Rates:
        """In float32, from a copy of so many numbers and a product of square matrices of that width."""
        a, b = torch.ones(2, numbers, device=device)
        square = torch.ones(width, width, device=device)
        product = torch.empty_like(square)
        seconds = in_turns(
            {
                "copy": _to_its_end(lambda: a.copy_(b), device),
                "product": _to_its_end(lambda: torch.mm(square, square, out=product), device),
            },
            rounds=5,
            calls=1,
        )
        return cls(2 * b.nbytes / median(seconds["copy"]), 2 * width**3 / median(seconds["product"]))

    def floor(self, replicas: int) -> float:
        """Seconds that a step takes at least: for its bytes or for its operations, whichever are more."""
        return max(moved(replicas) / self.moved, operations(replicas) / self.computed)


def moved(replicas: int, sizes: tuple[int, ...] = SIZES, m: int = M, itemsize: int = 4) -> int:
    """Bytes of a step that cannot be saved: every parameter read and written once, every example of it read once."""
    parameters = sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))
    return replicas * itemsize * (2 * parameters + m * (sizes[0] + sizes[-1]))


def operations(replicas: int, sizes: tuple[int, ...] = SIZES, m: int = M) -> int:
    """Multiplications and additions of the products of a step: forward, BP4, and BP2 but for the first layer."""
    weights = [n_in * n_out for n_in, n_out in pairwise(sizes)]
    return replicas * 2 * m * (3 * sum(weights) - weights[0])


def measure(data: Dataset, device: torch.device, rounds: int = 5) -> Iterator[tuple[str, int, float]]:
    """The way, the networks and the seconds of a step; each way in turns with the others."""
    functions = {
        (name, R): _to_its_end(steps(data, device, name, R), device)
        for name, R in (("eager", 1), ("torch.compile", 1), ("graph", 1), ("graph", MANY))
        if name != "torch.compile" or device.type == "cuda"
    }
    found = in_turns({f"{name} {R}": go for (name, R), go in functions.items()}, rounds, calls=1)
    for name, R in functions:
        yield name, R, median(found[f"{name} {R}"]) / STEPS


def steps(data: Dataset, device: torch.device, way: str, replicas: int) -> Callable[[], object]:
    """The first steps of an epoch, by that way."""
    training = Training(replace(SETTINGS, replicas=replicas), data, device, graph=way == "graph")
    if way == "torch.compile":
        training.net.compile(mode="reduce-overhead")
    order = training.next_order()
    return lambda: training.steps(order, 0, STEPS)


def _to_its_end(function: Callable[[], object], device: torch.device) -> Callable[[], object]:
    """What is asked of a GPU is still under way when the call comes back."""

    def go() -> None:
        function()
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    return go
