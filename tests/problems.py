"""Random problems for the judge: networks, weights, mini-batches and costs of every kind that correct code can meet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from compare.judge import Judge
from compare.precision import PRECISIONS
from compare.reference import Reference
from compare.side import Block, ScratchSide, Side
from compare.tolerance import Bounds, bounds
from compare.trace import Trace
from compare.verdict import Verdict
from scratch.cost import COSTS, QuadraticCost
from scratch.network import Parameters
from torch_ref.threads import one_thread

# The standard deviation of the weights of a neuron of n inputs; of "equal" it is the weights themselves.
REGIMES = {
    "N(0,1)": lambda n: 1.0,
    "over √n": lambda n: n**-0.5,
    "saturated": lambda n: 10.0,
    "tiny": lambda n: 1e-6,
    "equal": lambda n: 0.5,
    "zero": lambda n: 0.0,
}
INPUTS = ("pixels", "dead pixels", "all zero", "N(0,1)")
TARGETS = ("one-hot", "real")
DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class Drawn:
    """The problem of that seed, in that weight regime and dtype: K steps of it are a block."""

    seed: int
    regime: str
    dtype: str
    sizes: tuple[int, ...]
    m: int
    cost: QuadraticCost
    eta: float
    inputs: str
    targets: str
    K: int = 2

    def __str__(self) -> str:
        shape = f"{'-'.join(map(str, self.sizes))} m={self.m} eta={self.eta:.3g}"
        return f"{self.seed} {self.regime} {self.dtype} {shape} {self.cost.name} {self.inputs} {self.targets}"

    def start(self) -> Parameters:
        """The weights and biases of the regime, in the dtype."""
        rng = np.random.default_rng([self.seed, 1])
        parameters = Parameters.random(self.sizes, rng, np.dtype(self.dtype).type)
        for layer in parameters.layers:
            size = REGIMES[self.regime](layer.shape[1])
            layer[:] = size if self.regime == "equal" else size * layer
        return parameters

    def block(self) -> Block:
        """K mini-batches."""
        rng = np.random.default_rng([self.seed, 2])
        block = Block(self.K, self.m, self.sizes[0], self.sizes[-1], np.dtype(self.dtype))
        pixels = rng.integers(0, 256, block.x.shape) / 255
        dead = rng.random(self.sizes[0]) < 0.5
        kinds = {"pixels": pixels, "dead pixels": np.where(dead, 0, pixels), "all zero": 0}
        block.x[:] = kinds[self.inputs] if self.inputs in kinds else rng.standard_normal(block.x.shape)
        one_hot = np.eye(self.sizes[-1])[rng.integers(0, self.sizes[-1], (self.K, self.m))]
        block.y[:] = one_hot if self.targets == "one-hot" else rng.standard_normal(block.y.shape)
        return block

    def judge(self) -> Judge:
        """The judge of it."""
        precision = PRECISIONS[self.dtype]
        reference = Reference(self.sizes, self.cost.factor, np.dtype(self.dtype))
        return Judge(reference, self.eta, actual_precision=precision, expected_precision=precision)

    def bounds(self) -> tuple[Trace, Bounds]:
        """What is expected of the block, and the bounds on it, as the judge has them for gradients of C itself."""
        judge, block = self.judge(), self.block()
        before, _ = ScratchSide(self.start(), self.cost, self.eta).advance(block)
        expected = judge.reference.trace(before, block.x, block.y)
        both = judge.actual_precision + judge.expected_precision
        return expected, bounds(before, block.x, block.y, expected, self.cost.factor, both)

    def verdict(self, side: Side) -> Verdict:
        """On one block of K steps by that side."""
        judge, block = self.judge(), self.block()
        with one_thread():  # as in a run
            judge.block(block, *side.advance(block))
        return judge.verdict


def draw(seed: int, regime: str, dtype: str) -> Drawn:
    """1 to 5 layers of 1 to 784 neurons, at most about 10⁵ weights; m from 1 to 64; η from 10⁻³ to 30."""
    rng = np.random.default_rng([seed, 0])
    sizes = [int(785 ** rng.random()) for _ in range(rng.integers(2, 7))]
    while sum(a * b for a, b in pairwise(sizes)) > 1e5:
        sizes[int(np.argmax(sizes))] //= 2
    return Drawn(
        seed=seed,
        regime=regime,
        dtype=dtype,
        sizes=tuple(sizes),
        m=int(65 ** rng.random()),
        cost=COSTS[str(rng.choice(list(COSTS)))],
        eta=float(10 ** rng.uniform(-3, np.log10(30))),
        inputs=str(rng.choice(INPUTS, p=[0.4, 0.3, 0.05, 0.25])),
        targets=str(rng.choice(TARGETS)),
    )


def fixed(regime: str = "N(0,1)", dtype: str = "float64", sizes: tuple[int, ...] = (6, 5, 4), **settings: Any) -> Drawn:
    """A problem that hides no mistake: three steps on seven examples, with real targets."""
    usual = {"m": 7, "K": 3, "cost": COSTS["full"], "eta": 0.5, "inputs": "pixels", "targets": "real"}
    return replace(draw(0, regime, dtype), sizes=sizes, **(usual | settings))
