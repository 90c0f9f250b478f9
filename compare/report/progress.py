"""The progress bar of a run; on a terminal only."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from compare.evaluate import Evaluation
from compare.listener import Moment
from compare.ratio import Ratios
from torch_ref.network import SigmoidMLP


class ProgressBar:
    """Counts the steps that have been checked, and shows the latest accuracy on validation data."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("[progress.description]{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("steps checked,"),
            TimeRemainingColumn(),
            TextColumn("left"),
        )
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task("training both networks", total=None)

    def start(self, total_steps: int, net: SigmoidMLP, x: np.ndarray) -> None:
        """Show the bar."""
        self._bar.update(self._task, total=total_steps)
        self._bar.start()

    def trained(self, step: int, scratch: Moment, torch_ref: Moment, drift: float) -> None:
        """Nothing: a step counts when it has been checked."""

    def checked(self, step: int, ratios: Ratios) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=step)

    def evaluated(self, step: int, epoch: int, evaluations: Mapping[str, Evaluation]) -> None:
        """Show the accuracy."""
        accuracy = evaluations["validation"].scratch.accuracy
        self._bar.update(self._task, description=f"epoch {epoch} done, accuracy on validation data {accuracy:.2%}")

    def close(self) -> None:
        """Take the bar away."""
        self._bar.stop()
