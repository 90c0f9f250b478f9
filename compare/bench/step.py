"""One SGD step: scratch beside the matrix products that it cannot do without, and beside eager torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from compare.bench.separate import separate_step
from compare.bench.timing import in_turns
from scratch.backprop import Backprop
from scratch.cost import HALF, one_hot
from scratch.layout import Layout
from scratch.network import Parameters, with_constant_input
from torch_ref.threads import one_thread
from torch_ref.trainer import Trainer

CASES = (((784, 30, 10), 10), ((784, 100, 10), 10), ((784, 30, 10), 128))
ETA = 1e-3  # so small that the weights stay what they are, however long it takes


@dataclass(frozen=True)
class StepResult:
    """Seconds per step of each way, a number a round."""

    sizes: tuple[int, ...]
    m: int
    dtype: str
    seconds: dict[str, list[float]]


def measure(rounds: int = 25) -> Iterator[StepResult]:
    """Every case in float32 and float64, one BLAS thread."""
    with one_thread():
        for dtype in ("float32", "float64"):
            for sizes, m in CASES:
                functions = case(sizes, m, np.dtype(dtype))
                yield StepResult(sizes, m, dtype, in_turns(functions, rounds, calls=200 if m < 100 else 40))


def case(sizes: tuple[int, ...], m: int, dtype: np.dtype) -> dict[str, Callable[[], object]]:
    """The functions to be timed, on the same parameters and mini-batch; a fifth of the inputs is not 0."""
    rng = np.random.default_rng(0)
    w = Parameters.random(sizes, rng, dtype.type)
    step = w.copy()
    x = with_constant_input((rng.random((m, sizes[0])) * (rng.random((m, sizes[0])) < 0.2)).astype(dtype))
    y = one_hot(rng.integers(0, 10, m), dtype=dtype)
    layout = Layout(sizes)
    arrays = Backprop(w, step, HALF, layout, np.zeros((layout.rows, m), dtype))
    trainer = Trainer(w.weights, w.biases, eta=ETA, factor=1)
    columns, tensors = np.ascontiguousarray(y.T), (torch.from_numpy(x[:, :-1].copy()), torch.from_numpy(y))

    def scratch() -> None:
        arrays.gradient(x, columns, ETA / m)
        np.subtract(w.vector, step.vector, w.vector)

    separate, separate_products, _ = separate_step(w.weights, w.biases, x[:, :-1].copy(), columns, ETA / m)
    scratch()
    return {
        "products": lambda: products(arrays, w, step, x),
        "scratch": scratch,
        "separate biases": separate,
        "separate products": separate_products,
        "torch eager": lambda: trainer.step(*tensors),
    }


def products(arrays: Backprop, w: Parameters, nabla: Parameters, x: np.ndarray) -> None:
    """The floor: the step's matrix products alone, into the same arrays."""
    inputs = [x.T, *arrays.inputs]
    for layer, a, z in zip(w.layers, inputs, arrays.zs, strict=True):
        np.matmul(layer, a, z)
    for l in range(len(w.layers) - 1, 0, -1):
        np.matmul(w.weights_T[l], arrays.deltas[l], arrays.deltas[l - 1])
    for delta, a, nabla_layer in zip(arrays.scaled, inputs, nabla.layers, strict=True):
        np.matmul(delta, a.T, nabla_layer)
