"""When a run is saved: after every epoch, and once in a while within one."""

from __future__ import annotations

import time
from pathlib import Path

from torch_ref.training.checkpoint import save
from torch_ref.training.state import facts, tensors
from torch_ref.training.training import Training

NAME = "checkpoint.safetensors"


class Saving:
    """Keeps the checkpoint of a run in its folder. Raises CheckpointError where it cannot."""

    def __init__(self, training: Training, folder: Path, seconds: float) -> None:
        """``seconds``: how much work may be lost, about."""
        self.training, self.path, self.seconds = training, folder / NAME, seconds
        self._saved = time.monotonic()

    @property
    def way_on(self) -> str:
        """What to do to go on from the latest checkpoint."""
        if not self.training.share.first:
            return "--resume with the folder of the run goes on from its last checkpoint"
        return f"--resume {self.path} goes on from there" if self.path.exists() else "no checkpoint was written yet"

    def save(self) -> None:
        """Now; the one before is good until the new one is whole. Of several processes, the first does."""
        if self.training.share.first:
            save(self.path, tensors(self.training), facts(self.training))
        self._saved = time.monotonic()

    def save_if_due(self) -> None:
        """If the last one is older than that."""
        if time.monotonic() - self._saved >= self.seconds:
            self.save()
