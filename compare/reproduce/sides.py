"""The two sides trained from the same starts: torch_ref's networks side by side, scratch's one after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from compare.reproduce.published import BATCH_SIZE, Published
from scratch.cost import HALF, one_hot
from scratch.network import Parameters
from scratch.sgd import accuracy, sgd
from torch_ref.data import Dataset, Examples
from torch_ref.device import pick_device
from torch_ref.training import checkpoint
from torch_ref.training.order import generators
from torch_ref.training.replicas import Replicas
from torch_ref.training.saving import NAME, Saving
from torch_ref.training.settings import CLASSES, DTYPES, Settings
from torch_ref.training.state import restore
from torch_ref.training.training import Training

DTYPE = "float32"


def torch_ref(
    published: Published,
    seeds: int,
    epochs: int,
    data: Dataset,
    device: str,
    folder: Path,
    moved: Callable[[float], None],
) -> list[list[float]]:
    """The curve of each seed; ``moved`` is told how many epochs are done, with fractions.

    A run that is broken off goes on from the checkpoint in ``folder``.
    """
    settings = Settings(published.hidden, epochs, BATCH_SIZE, published.eta, "half", DTYPE, replicas=seeds)
    training = Training(settings, data, pick_device(device, DTYPES[DTYPE]))
    folder.mkdir(parents=True, exist_ok=True)
    if (path := folder / NAME).exists():
        restore(training, checkpoint.load(path), path)
    saving = Saving(training, folder, seconds=60)

    def after_block() -> None:
        saving.save_if_due()
        moved(training.steps_done / training.steps_per_epoch)

    while training.reason_to_stop is None:
        training.run_epoch(after_block)
        saving.save()
    return [list(curve) for curve in zip(*(epoch.test for epoch in training.history), strict=True)]


def scratch(published: Published, seed: int, epochs: int, data: Dataset, moved: Callable[[], None]) -> list[float]:
    """The curve of that seed, from the same start as torch_ref's, with its own order of the examples."""
    training, validation, test = (_arrays(examples) for examples in (data.training, data.validation, data.test))
    rng = np.random.default_rng(seed)
    start = _start((data.training.images.shape[1], *published.hidden, CLASSES), seed)
    run = sgd(start, training, validation, cost=HALF, eta=published.eta, m=BATCH_SIZE, epochs=epochs, rng=rng)
    curve = []
    for epoch in run:
        curve.append(accuracy(epoch.parameters, *test))
        moved()
    return curve


def _start(sizes: tuple[int, ...], seed: int) -> Parameters:
    net = Replicas.random(sizes, generators(seed, 1), DTYPES[DTYPE], pick_device("cpu", DTYPES[DTYPE]))
    return Parameters.of([w[0].detach().numpy() for w in net.weights], [b[0, 0].detach().numpy() for b in net.biases])


def _arrays(examples: Examples) -> tuple[np.ndarray, np.ndarray]:
    """x (n, 784) between 0 and 1, and y (n, 10)."""
    return examples.images.astype(DTYPE) / np.float32(255), one_hot(examples.labels, dtype=np.dtype(DTYPE))
