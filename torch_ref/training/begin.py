"""The beginning of a training run: from its options, anew or from where a checkpoint was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from torch_ref.data import Dataset, load
from torch_ref.device import pick_device
from torch_ref.folder import new_run_folder
from torch_ref.share import Share
from torch_ref.training import checkpoint
from torch_ref.training.graph import chosen
from torch_ref.training.memory import Plan, out_of_memory
from torch_ref.training.saving import NAME
from torch_ref.training.settings import DTYPES, Settings, SettingsError
from torch_ref.training.state import restore, settings_of
from torch_ref.training.training import Training

FREE = ("epochs", "patience", "target")  # what a run that goes on may change: the bits do not hang on it


@dataclass(frozen=True)
class Options:
    """What was asked for. ``given`` has the settings that were, by name; the others are the run's own or the defaults.

    resume  a checkpoint, or the folder of a run that has one
    save    seconds between two checkpoints within an epoch, about
    steps   graph or eager; None: what the device can do
    """

    given: Mapping[str, Any] = field(default_factory=dict)
    device: str = "cpu"
    logdir: Path = Path("runs")
    resume: Path | None = None
    save: float = 60.0
    steps: str | None = None


class TrainingError(Exception):
    """A run that broke off, or could not begin, in one sentence."""


def begin(options: Options, share: Share) -> tuple[Training, Path]:
    """At the beginning, in a new folder; or where a checkpoint was written, in its folder.

    Raises SettingsError, DataError, DeviceError, CheckpointError, LogError or TrainingError, each in one sentence.
    """
    if options.resume is None:
        settings = Settings(**options.given)
        training = _training(settings, options, share)
        folder = new_run_folder(options.logdir, name(training)) if share.first else options.logdir
        return training, folder
    path = options.resume / NAME if options.resume.is_dir() else options.resume
    found = checkpoint.load(path)
    training = _training(_resumed(settings_of(found, path), options.given), options, share)
    restore(training, found, path)
    return training, path.parent


def _resumed(settings: Settings, given: Mapping[str, Any]) -> Settings:
    for name, value in given.items():
        if name not in FREE and value != getattr(settings, name):
            option = "--" + name.replace("_", "-")
            raise SettingsError(
                f"{option} is {value}, and the run that goes on has {getattr(settings, name)}: leave {option} out, "
                "or begin a new run without --resume"
            )
    return replace(settings, **{name: value for name, value in given.items() if name in FREE})


def _training(settings: Settings, options: Options, share: Share) -> Training:
    data = load(settings.dataset)
    n = _examples(settings, data)
    device = pick_device(options.device, DTYPES[settings.dtype])
    graph = chosen(options.steps, device, share.processes)
    try:
        return Training(settings, data, device, share, graph)
    except torch.OutOfMemoryError as e:
        plan = Plan.of(settings, data.training.images.shape[1], n, len(data.validation) + len(data.test))
        raise TrainingError(out_of_memory(plan, device)) from e


def _examples(settings: Settings, data: Dataset) -> int:
    """So many to train on. Raises SettingsError where they are too few."""
    n = len(data.training)
    if settings.limit is not None and settings.limit > n:
        raise SettingsError(
            f"--limit is {settings.limit}, and {data.name} has {n:,} training examples; give at most {n}"
        )
    n = settings.limit or n
    if settings.batch_size > n:
        raise SettingsError(f"--batch-size is {settings.batch_size}, more than the {n:,} training examples; give fewer")
    return n


def name(training: Training) -> str:
    """A name for the run, that says what matters: 784-30-10_m10_eta3_float32."""
    settings = training.settings
    sizes = "-".join(str(n) for n in (training.training.x.shape[1], *settings.hidden, training.training.y.shape[1]))
    many = f"_x{settings.replicas}" * (settings.replicas > 1)
    return f"train_{sizes}_m{settings.batch_size}_eta{settings.eta:g}_{settings.dtype}{many}"
