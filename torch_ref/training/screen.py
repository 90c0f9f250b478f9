"""What a training run shows on a terminal, or in a pipe: a bar while it works, and a line for each epoch."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from torch_ref.training.training import Epoch, Training


class Screen:
    """A progress bar of the steps, on a terminal only; a context, in which it is shown."""

    def __init__(self, console: Console, training: Training) -> None:
        columns = (
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("steps,"),
            TimeRemainingColumn(),
            TextColumn("left"),
        )
        self.training, self.console = training, console
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task("", total=training.settings.epochs * training.steps_per_epoch)

    def __enter__(self) -> Screen:
        self.moved()
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def moved(self) -> None:
        """Move the bar to where the run is."""
        self._bar.update(self._task, completed=self.training.steps_done)

    def epoch(self, epoch: Epoch) -> None:
        """A line for an epoch that has ended."""
        self.say(f"epoch {len(self.training.history)}: {sentence(epoch)}")

    def say(self, line: str) -> None:
        """A line above the bar."""
        self.console.print(line, highlight=False, soft_wrap=True)


def sentence(epoch: Epoch) -> str:
    """Its accuracies and cost; of several networks the mean, and the lowest and the highest."""
    validation, test = _of_all(epoch.validation), _of_all(epoch.test)
    return f"accuracy {validation} on validation data, {test} on test data; mean cost {mean(epoch.cost):.4f}"


def _of_all(accuracies: Sequence[float]) -> str:
    if len(accuracies) == 1:
        return f"{accuracies[0]:.2%}"
    return f"{mean(accuracies):.2%} ({min(accuracies):.2%} to {max(accuracies):.2%})"
