"""A training run from its options to its end: begin or go on, train, show, log and save."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from torch_ref.data import Dataset, load
from torch_ref.device import pick_device
from torch_ref.folder import new_run_folder
from torch_ref.share import ALONE, LostError, Share
from torch_ref.threads import one_thread
from torch_ref.training import checkpoint
from torch_ref.training.log import Log
from torch_ref.training.saving import NAME, Saving
from torch_ref.training.screen import Screen
from torch_ref.training.settings import DTYPES, Settings, SettingsError
from torch_ref.training.state import restore, settings_of
from torch_ref.training.training import Diverged, Training

FREE = ("epochs", "patience", "target")  # what a run that goes on may change: the bits do not hang on it


@dataclass(frozen=True)
class Options:
    """What was asked for. ``given`` has the settings that were, by name; the others are the run's own or the defaults.

    resume  a checkpoint, or the folder of a run that has one
    save    seconds between two checkpoints within an epoch, about
    """

    given: Mapping[str, Any] = field(default_factory=dict)
    device: str = "cpu"
    logdir: Path = Path("runs")
    resume: Path | None = None
    save: float = 60.0


class TrainingError(Exception):
    """A run that broke off, in one sentence."""


def train(options: Options, console: Console, share: Share = ALONE) -> Training:
    """Train to the end, or to Ctrl-C, which saves first and goes on as KeyboardInterrupt.

    Raises SettingsError, DataError, DeviceError, CheckpointError, LogError or TrainingError, each in one sentence.
    """
    training, folder = _begin(options, share)
    saving = Saving(training, folder, options.save)
    log = Log(folder / "torch_ref", training.settings) if share.first else None
    screen = Screen(console, training)
    screen.say(f"{_name(training)} on {training.device}, in {folder}")
    with ExitStack() as stack:
        if training.device.type == "cpu":
            stack.enter_context(one_thread())
        stack.enter_context(screen)
        _to_the_end(training, saving, log, screen)
    if log:
        log.finish()
    console.print(
        f"{training.reason_to_stop}; --resume {saving.path} goes on from here", highlight=False, soft_wrap=True
    )
    return training


def _to_the_end(training: Training, saving: Saving, log: Log | None, screen: Screen) -> None:
    def after_block() -> None:
        screen.moved()
        saving.save_if_due()

    try:
        while training.reason_to_stop is None:
            with training.share.together():
                epoch = training.run_epoch(after_block)
            saving.save()
            if log:
                log.epoch(epoch, training.steps_done)
            screen.epoch(epoch)
    except KeyboardInterrupt:
        screen.console.print(
            f"interrupted; --resume {saving.path} goes on from the last checkpoint", highlight=False, soft_wrap=True
        )
        raise
    except LostError as e:
        raise LostError(f"{e}; {saving.way_on}") from e
    except Diverged as e:
        raise TrainingError(_diverged(e, training, saving)) from e


def _diverged(e: Diverged, training: Training, saving: Saving) -> str:
    network = f" of the network with seed {training.settings.seed + e.replica}" * (training.settings.replicas > 1)
    eta = f"--eta is {training.settings.eta:g}: give a smaller one"
    return f"training diverged: at step {e.step} the numbers{network} are no longer finite; {eta}; {saving.way_on}"


def _begin(options: Options, share: Share) -> tuple[Training, Path]:
    """At the beginning, in a new folder; or where a checkpoint was written, in its folder."""
    if options.resume is None:
        settings = Settings(**options.given)
        training = _training(settings, options, share)
        folder = new_run_folder(options.logdir, _name(training)) if share.first else options.logdir
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
    _check_sizes(settings, data)
    return Training(settings, data, pick_device(options.device, DTYPES[settings.dtype]), share)


def _check_sizes(settings: Settings, data: Dataset) -> None:
    n = len(data.training)
    if settings.limit is not None and settings.limit > n:
        raise SettingsError(
            f"--limit is {settings.limit}, and {data.name} has {n:,} training examples; give at most {n}"
        )
    n = settings.limit or n
    if settings.batch_size > n:
        raise SettingsError(f"--batch-size is {settings.batch_size}, more than the {n:,} training examples; give fewer")


def _name(training: Training) -> str:
    """A name for the run, that says what matters: 784-30-10_m10_eta3_float32."""
    settings = training.settings
    sizes = "-".join(str(n) for n in (training.training.x.shape[1], *settings.hidden, training.training.y.shape[1]))
    many = f"_x{settings.replicas}" * (settings.replicas > 1)
    return f"train_{sizes}_m{settings.batch_size}_eta{settings.eta:g}_{settings.dtype}{many}"
