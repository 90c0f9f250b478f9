"""What a training run logs to TensorBoard: one folder of curves, with a point for each epoch.

    cost/training          the mean of the epoch's mini-batches
    accuracy/validation    also /test

Of several networks it is the mean; then there are also …, lowest and …, highest.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from statistics import mean

from torch_ref.events import Events
from torch_ref.training.settings import Settings
from torch_ref.training.training import Epoch


class Log:
    """Writes the curves of one run. Raises LogError where it cannot."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        """Begins a row of the HPARAMS table, too."""
        self._events = Events(folder)
        self._events.hyperparameters(asdict(settings), ["accuracy/validation", "accuracy/test"])

    def epoch(self, epoch: Epoch, step: int) -> None:
        """The points of an epoch that has ended, at the number of steps until then."""
        curves = {"cost/training": epoch.cost, "accuracy/validation": epoch.validation, "accuracy/test": epoch.test}
        points = {tag: mean(values) for tag, values in curves.items()}
        if len(epoch.cost) > 1:
            points |= {f"{tag}, lowest": min(values) for tag, values in curves.items()}
            points |= {f"{tag}, highest": max(values) for tag, values in curves.items()}
        self._events.scalars(points, step)

    def finish(self) -> None:
        """Mark the run as one that came to its end."""
        self._events.finish()
