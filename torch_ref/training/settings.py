"""The settings of a training run: what it trains, on what, for how long."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch

DTYPES = {"float32": torch.float32, "float64": torch.float64}
COSTS = {"half": 1.0, "full": 2.0}
CLASSES = 10
LARGEST = 10**9  # of any whole number that is asked for


class SettingsError(Exception):
    """A setting that cannot be trained with, in one sentence."""


@dataclass(frozen=True)
class Settings:
    """What decides the bits of a run, and when it ends. Raises SettingsError if they cannot be.

    hidden    widths of the hidden layers
    replicas  networks trained side by side: network r is the one that --seed seed + r trains by itself
    patience  stop when the best validation accuracy is that many epochs old; None: never
    target    stop when validation accuracy has reached it; None: never. With replicas, when that of all has
    """

    hidden: tuple[int, ...] = (30,)
    epochs: int = 30
    batch_size: int = 10
    eta: float = 3.0
    cost: str = "half"
    dtype: str = "float32"
    seed: int = 0
    replicas: int = 1
    dataset: str = "mnist"
    limit: int | None = None
    patience: int | None = None
    target: float | None = None

    def __post_init__(self) -> None:
        """Check each setting by itself."""
        if any(width < 1 for width in self.hidden):
            raise SettingsError(
                f"--hidden: a layer of {min(self.hidden)} neurons; give widths of 1 or more, or 'none' for no layer"
            )
        for name in ("epochs", "batch_size", "replicas", "limit", "patience"):
            value = getattr(self, name)
            if value is not None and not 1 <= value <= LARGEST:
                option = name.replace("_", "-")
                raise SettingsError(f"--{option} is {value}; give a whole number of 1 or more, up to {LARGEST:,}")
        if not (math.isfinite(self.eta) and self.eta > 0):
            raise SettingsError(
                f"--eta is {self.eta}; the learning rate must be a positive, finite number, such as 3.0"
            )
        if self.eta > torch.finfo(DTYPES[self.dtype]).max:
            raise SettingsError(f"--eta is {self.eta}, which {self.dtype} cannot hold; give one such as 3.0")
        if not 0 <= self.seed <= LARGEST:
            raise SettingsError(f"--seed is {self.seed}; give a whole number of 0 or more, up to {LARGEST:,}")
        if self.target is not None and not 0 < self.target <= 1:
            raise SettingsError(f"--target is {self.target}; give a part of 1 such as 0.95, for 95 %")

    def as_dict(self) -> dict[str, Any]:
        """The settings by name, as JSON takes them."""
        return asdict(self) | {"hidden": list(self.hidden)}

    @classmethod
    def of(cls, facts: dict[str, Any]) -> Settings:
        """Those that ``as_dict`` gave. Raises SettingsError, or TypeError for names that are none."""
        return cls(**{**facts, "hidden": tuple(facts["hidden"])})
