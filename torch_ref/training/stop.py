"""When to stop: the target is reached, or the best validation accuracy has not improved for a while."""

from __future__ import annotations

from collections.abc import Sequence

from torch_ref.training.settings import Settings


def reason_to_stop(settings: Settings, validation: Sequence[Sequence[float]]) -> str | None:
    """Why, after these epochs, or None to go on.

    ``validation`` has a row for each epoch: the accuracy of each network. All of them have to have reached the end.
    """
    if not validation:
        return None
    if settings.target is not None and min(validation[-1]) >= settings.target:
        return f"the target of {settings.target:.2%} on validation data is reached"
    if settings.patience is not None and all(
        _epochs_since_best(accuracy) >= settings.patience for accuracy in zip(*validation, strict=True)
    ):
        epochs = f"{settings.patience} epoch{'s' * (settings.patience > 1)}"
        return f"the best accuracy on validation data has not improved for {epochs}"
    if len(validation) >= settings.epochs:
        return f"{settings.epochs} epoch{'s' * (settings.epochs > 1)} done"
    return None


def _epochs_since_best(accuracy: Sequence[float]) -> int:
    return len(accuracy) - 1 - accuracy.index(max(accuracy))
