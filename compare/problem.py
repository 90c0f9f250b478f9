"""The problem that both sides get: the network, the cost, the data and their order, all fixed by one seed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from compare.side import Block
from scratch.cost import COSTS, QuadraticCost, one_hot
from scratch.network import Parameters, parameter_count
from torch_ref.data import Dataset, Examples

if TYPE_CHECKING:
    from jaxtyping import Int

CLASSES = 10
LARGEST = 10**9  # of any whole number that is asked for
LARGEST_NETWORK = 10**8  # weights and biases: a run keeps about a dozen copies
LARGEST_CROWD = 64  # of processes that share a mini-batch
BLOCK_STEPS = 64  # steps checked in one go, at most
MEMORIES = 3  # of blocks; not a multiple of a side's two recorders, or an array that went stale would never show
BLOCK_NUMBERS = 2**21  # numbers in a block's parameters, or in its inputs, at most: 16 MiB in float64


class ProblemError(Exception):
    """A setting that cannot be run, in one sentence."""


@dataclass(frozen=True)
class Problem:
    """The settings of a run; ``hidden`` are the widths of the hidden layers. Raises ProblemError if they cannot be."""

    hidden: tuple[int, ...] = (30,)
    epochs: int = 3
    batch_size: int = 10
    eta: float = 3.0
    cost: str = "half"
    dtype: str = "float64"
    device: str = "cpu"
    tf32: bool = False
    processes: int = 1
    seed: int = 0
    dataset: str = "mnist"
    limit: int | None = None
    n_inputs: int = field(default=28 * 28, repr=False)

    def __post_init__(self) -> None:
        """Check each setting by itself; ``training`` checks those that hang on the data."""
        if any(width < 1 for width in self.hidden):
            raise ProblemError(
                f"--hidden: a layer of {min(self.hidden)} neurons; give widths of 1 or more, or 'none' for no layer"
            )
        for name, value in (("epochs", self.epochs), ("batch-size", self.batch_size), ("limit", self.limit)):
            if value is not None and not 1 <= value <= LARGEST:
                raise ProblemError(f"--{name} is {value}; give a whole number of 1 or more, up to {LARGEST:,}")
        if not (math.isfinite(self.eta) and self.eta > 0):
            raise ProblemError(f"--eta is {self.eta}; the learning rate must be a positive, finite number, such as 3.0")
        limits = np.finfo(self.dtype)
        smallest = self.batch_size * max(float(limits.smallest_normal), 4 / float(limits.max))  # η/m and m/η are needed
        largest = float(limits.max) / 4  # the reference forms 2η
        if not smallest <= self.eta <= largest:
            limits_of = f"with {self.dtype} it can be from {smallest:.1e} to {largest:.1e}"
            raise ProblemError(f"--eta is {self.eta}; {limits_of}: give one such as 3.0")
        if self.tf32 and not (self.dtype == "float32" and self.device.startswith("cuda")):
            raise ProblemError(
                f"--tf32 with --dtype {self.dtype} on {self.device}; it is a way of computing in float32 on CUDA: "
                "leave it out, or add --dtype float32 --device cuda"
            )
        if not 1 <= self.processes <= LARGEST_CROWD:
            raise ProblemError(f"--processes is {self.processes}; give a whole number from 1 to {LARGEST_CROWD}")
        if self.processes > 1 and self.device != "cpu":
            raise ProblemError(
                f"--processes {self.processes} with --device {self.device}; several processes share the CPU only: "
                "leave one of the two out"
            )
        if not 0 <= self.seed <= LARGEST:
            raise ProblemError(f"--seed is {self.seed}; give a whole number of 0 or more, up to {LARGEST:,}")
        if parameter_count(self.sizes) > LARGEST_NETWORK:
            raise ProblemError(
                f"--hidden asks for {parameter_count(self.sizes):,} weights and biases; give narrower layers, "
                f"of {LARGEST_NETWORK:,} in all at most"
            )

    @property
    def sizes(self) -> tuple[int, ...]:
        """The layers' widths, the input's first: (784, 30, 10)."""
        return (self.n_inputs, *self.hidden, CLASSES)

    @property
    def quadratic_cost(self) -> QuadraticCost:
        """The cost of that name."""
        return COSTS[self.cost]

    @property
    def name(self) -> str:
        """A name for the run, that says what matters: 784-30-10_m10_eta3_float64."""
        return f"{'-'.join(map(str, self.sizes))}_m{self.batch_size}_eta{self.eta:g}_{self.dtype}"

    def as_dict(self) -> dict[str, Any]:
        """The settings under the names of their options."""
        return asdict(self)

    def start(self) -> Parameters:
        """The initial weights and biases: N(0, 1), as in Nielsen's first chapter."""
        return Parameters.random(self.sizes, self._rng(0), np.dtype(self.dtype).type)

    def training(self, data: Dataset) -> Examples:
        """The examples to train on. Raises ProblemError if they are fewer than asked for, or than a mini-batch."""
        have = len(data.training)
        if self.limit is not None and self.limit > have:
            raise ProblemError(f"--limit is {self.limit}, but {data.name} has {have} training examples; give fewer")
        examples = data.training.head(self.limit or have)
        if examples.images.shape[1] != self.n_inputs:
            raise ProblemError(
                f"the network has {self.n_inputs} inputs, but the images of {data.name} have "
                f"{examples.images.shape[1]} pixels; give the input layer that width"
            )
        if self.batch_size > len(examples):
            raise ProblemError(
                f"--batch-size is {self.batch_size}, larger than the {len(examples)} training examples; "
                "give a smaller one, or a larger --limit"
            )
        return examples

    def blocks(self, training: Examples) -> Iterator[tuple[int, Block]]:
        """(epoch, block) for the whole run: each epoch is one pass in random order, m examples a mini-batch.

        A block's memory is used again for the third of its shape after it. An epoch's last mini-batch may be smaller.
        """
        rng, n, m = self._rng(1), len(training), self.batch_size
        memory: dict[tuple[int, ...], Iterator[Block]] = {}
        for epoch in range(1, self.epochs + 1):
            order = rng.permutation(n)
            whole = order[: n - n % m].reshape(-1, m)
            parts = [whole[i : i + self.block_steps] for i in range(0, len(whole), self.block_steps)]
            parts += [order[n - n % m :].reshape(1, -1)] if n % m else []
            for batches in parts:
                if (shape := batches.shape) not in memory:
                    memory[shape] = cycle([self._block(*shape) for _ in range(MEMORIES)])
                block = next(memory[shape])
                fill(block, training, batches)
                yield epoch, block

    def _block(self, K: int, m: int) -> Block:
        return Block(K, m, self.n_inputs, CLASSES, np.dtype(self.dtype))

    @property
    def block_steps(self) -> int:
        """How many steps are checked in one go: as many as keep a block's arrays small."""
        largest = max(parameter_count(self.sizes), self.batch_size * sum(self.sizes))
        return max(1, min(BLOCK_STEPS, BLOCK_NUMBERS // largest))

    def _rng(self, stream: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, stream])


def fill(block: Block, examples: Examples, batches: Int[np.ndarray, "K m"]) -> None:
    """The examples of those numbers into the block: pixels from 0 to 1, labels one-hot."""
    block.lock(False)
    np.divide(examples.images[batches], 255, out=block.x, dtype=block.x.dtype)
    labels = one_hot(examples.labels[batches].ravel(), CLASSES, block.x.dtype)
    block.y[:] = labels.reshape(block.y.shape)
    block.lock()
