"""Networks side by side on the CPU: a step of all of them together, beside as many steps of one."""

from __future__ import annotations

from collections.abc import Callable

import torch

from compare.bench.timing import in_turns
from torch_ref.data import Dataset
from torch_ref.threads import one_thread
from torch_ref.training.settings import Settings
from torch_ref.training.training import Training

STEPS = 100
ETA = 1e-3  # so small that the weights stay what they are, however long it takes


def measure(data: Dataset, replicas: int, rounds: int = 15) -> dict[str, list[float]]:
    """Seconds of a step, a number a round: of "one" network, and of so many "together"; one thread."""
    device = torch.device("cpu")
    with one_thread():
        functions = {"one": steps(data, device, 1), "together": steps(data, device, replicas)}
        return {name: [s / STEPS for s in of] for name, of in in_turns(functions, rounds, calls=1).items()}


def steps(data: Dataset, device: torch.device, replicas: int) -> Callable[[], object]:
    """The first steps of an epoch of ``backproof train``: each network has an order and mini-batches of its own."""
    training = Training(Settings(eta=ETA, replicas=replicas), data, device)
    order = training.next_order()
    return lambda: training.steps(order, 0, STEPS)
