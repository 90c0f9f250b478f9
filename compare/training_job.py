"""``backproof train`` from its options to its exit code."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import torch

from compare.main_job import Output, one_interrupt
from torch_ref.data import DataError
from torch_ref.device import DeviceError
from torch_ref.folder import LogError
from torch_ref.training.checkpoint import CheckpointError
from torch_ref.training.job import Options, TrainingError, train
from torch_ref.training.settings import SettingsError


def training_job(options: Options, fail: Callable[[str], NoReturn]) -> int:
    """Train, and give the exit code; ``fail`` is called with one sentence if that is not possible."""
    try:
        with one_interrupt():
            train(options, Output())
    except (SettingsError, DataError, DeviceError, CheckpointError, LogError, TrainingError) as e:
        fail(str(e))
    except (MemoryError, torch.OutOfMemoryError):
        fail("out of memory; give fewer --replicas, smaller --hidden layers, or --dtype float32")
    return 0
