"""A pass of SGD over the same mini-batches by each tool that people train such a network with, those that are here."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from scratch.backprop import Backprop
from scratch.cost import HALF, one_hot
from scratch.layout import Layout
from scratch.network import Parameters, with_constant_input
from torch_ref.trainer import Trainer

if TYPE_CHECKING:
    from jaxtyping import Float

STEPS = 100
ETA = 1e-3  # so small that the weights stay what they are, however long it takes
Pass = Callable[[], list[np.ndarray]]


@dataclass(frozen=True)
class Task:
    """Mini-batches of m examples, a row each, and the parameters that every tool starts from."""

    start: Parameters
    x: Float[np.ndarray, "n n_0"]
    y: Float[np.ndarray, "n n_L"]
    m: int

    @classmethod
    def random(cls, sizes: tuple[int, ...], m: int, steps: int = STEPS, dtype: type = np.float32) -> Task:
        """So many mini-batches; a fifth of the inputs is not 0, as of MNIST's."""
        rng = np.random.default_rng(0)
        x = rng.random((steps * m, sizes[0])) * (rng.random((steps * m, sizes[0])) < 0.2)
        y = one_hot(rng.integers(0, sizes[-1], len(x)), sizes[-1], dtype=np.dtype(dtype))
        return cls(Parameters.random(sizes, rng, dtype), x.astype(dtype), y, m)

    @property
    def steps(self) -> int:
        """The number of mini-batches."""
        return len(self.x) // self.m

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """One after the other."""
        for k in range(0, len(self.x), self.m):
            yield self.x[k : k + self.m], self.y[k : k + self.m]


def passes(task: Task) -> dict[str, Pass]:
    """A pass by each tool; what it returns are the weights that it ends with, but for scikit-learn's own cost."""
    found = by_hand_and_eager(task)
    found["torch eager, DataLoader"] = _torch(task, _loader(task))
    found["torch.compile"] = _torch(task, _tensors(task), compiled=True)
    if find_spec("jax"):
        found |= _jax(task)
    if find_spec("sklearn"):
        found["scikit-learn MLPClassifier"] = _sklearn(task)
    return found


def by_hand_and_eager(task: Task) -> dict[str, Pass]:
    """A pass by scratch, and one by torch."""
    return {"scratch": _scratch(task), "torch eager": _torch(task, _tensors(task))}


def _scratch(task: Task) -> Pass:
    layout = Layout(task.start.sizes)
    batches = [(with_constant_input(x), np.ascontiguousarray(y.T)) for x, y in task.batches()]
    w, step = task.start.copy(), task.start.copy()
    arrays = Backprop(w, step, HALF, layout, np.zeros((layout.rows, task.m), task.x.dtype))

    def go() -> list[np.ndarray]:
        w.vector[:] = task.start.vector
        for x, y in batches:
            arrays.gradient(x, y, ETA / task.m)
            np.subtract(w.vector, step.vector, w.vector)
        return w.weights

    return go


def _torch(task: Task, batches: Iterable[Any], compiled: bool = False) -> Pass:
    trainer = Trainer(task.start.weights, task.start.biases, eta=ETA, factor=1)
    if compiled:
        trainer.net.compile()

    def go() -> list[np.ndarray]:
        trainer.net.load_arrays(task.start.weights, task.start.biases)
        for x, y in batches:
            trainer.step(x, y)
        return trainer.net.read_arrays()[0]

    return go


def _tensors(task: Task) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return [(torch.tensor(x), torch.tensor(y)) for x, y in task.batches()]


def _loader(task: Task) -> DataLoader[Any]:
    return DataLoader(TensorDataset(torch.tensor(task.x), torch.tensor(task.y)), batch_size=task.m)


def _jax(task: Task) -> dict[str, Pass]:
    """A jitted step called from Python, and one call that scans over all of them."""
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    jax = import_module("jax")  # an extra

    def cost(parameters: Any, x: Any, y: Any) -> Any:
        for w, b in parameters:
            x = jax.nn.sigmoid(x @ w.T + b)
        return ((x - y) ** 2).sum() / (2 * len(x))

    def step(parameters: Any, batch: Any) -> tuple[Any, None]:
        return jax.tree.map(lambda p, g: p - ETA * g, parameters, jax.grad(cost)(parameters, *batch)), None

    start = [tuple(map(jax.numpy.asarray, layer)) for layer in zip(task.start.weights, task.start.biases, strict=True)]
    batches = [tuple(map(jax.numpy.asarray, batch)) for batch in task.batches()]
    stacked = tuple(map(jax.numpy.stack, zip(*batches, strict=True)))
    jitted, scan = jax.jit(step), jax.jit(lambda parameters, batches: jax.lax.scan(step, parameters, batches)[0])

    def steps() -> list[np.ndarray]:
        parameters = start
        for batch in batches:
            parameters, _ = jitted(parameters, batch)
        return [np.asarray(w) for w, _ in parameters]

    return {"JAX, jitted step": steps, "JAX, lax.scan": lambda: [np.asarray(w) for w, _ in scan(start, stacked)]}


def _sklearn(task: Task) -> Pass:
    labels = task.y.argmax(axis=1)
    sklearn = import_module("sklearn.neural_network")  # an extra
    network = sklearn.MLPClassifier(
        task.start.sizes[1:-1],
        activation="logistic",
        solver="sgd",
        alpha=0,
        batch_size=task.m,
        learning_rate_init=ETA,
        max_iter=1,
        shuffle=False,
        momentum=0,
    )

    def go() -> list[np.ndarray]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that one pass is not enough
            network.fit(task.x, labels)
        return [w.T for w in network.coefs_]

    return go
