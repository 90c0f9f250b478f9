"""A training run from its beginning to its end: train, show, log and save."""

from __future__ import annotations

from contextlib import ExitStack

import torch
from rich.console import Console

from torch_ref.device import deterministic, phrase
from torch_ref.share import ALONE, LostError, Share
from torch_ref.threads import one_thread
from torch_ref.training.begin import Options, TrainingError, begin, name
from torch_ref.training.log import Log
from torch_ref.training.memory import Plan, out_of_memory
from torch_ref.training.saving import Saving
from torch_ref.training.screen import Screen
from torch_ref.training.training import Diverged, Training


def train(options: Options, console: Console, share: Share = ALONE) -> Training:
    """Train to the end, or to Ctrl-C, which saves first and goes on as KeyboardInterrupt.

    Raises SettingsError, DataError, DeviceError, CheckpointError, LogError or TrainingError, each in one sentence.
    """
    training, folder = begin(options, share)
    saving = Saving(training, folder, options.save)
    log = Log(folder / "torch_ref", training.settings) if share.first else None
    screen = Screen(console, training)
    with ExitStack() as stack:
        if training.device.type == "cpu":
            stack.enter_context(one_thread())
        stack.enter_context(deterministic(training.device))
        screen.say(f"{name(training)} on {training.device}, in {folder}; {_way(training)}")
        stack.enter_context(screen)
        _to_the_end(training, saving, log, screen)
    if log:
        log.finish()
    console.print(
        f"{training.reason_to_stop}; --resume {saving.path} goes on from here", highlight=False, soft_wrap=True
    )
    return training


def _way(training: Training) -> str:
    """How it computes, as far as that is not the same everywhere."""
    steps = "steps from a CUDA graph, " * (training.unrolled is not None)
    return steps + phrase(torch.are_deterministic_algorithms_enabled())


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
    except torch.OutOfMemoryError as e:
        raise TrainingError(f"{out_of_memory(_plan(training), training.device)}; {saving.way_on}") from e


def _diverged(e: Diverged, training: Training, saving: Saving) -> str:
    network = f" of the network with seed {training.settings.seed + e.replica}" * (training.settings.replicas > 1)
    eta = f"--eta is {training.settings.eta:g}: give a smaller one"
    return f"training diverged: at step {e.step} the numbers{network} are no longer finite; {eta}; {saving.way_on}"


def _plan(training: Training) -> Plan:
    n, held_out = len(training.training), len(training.validation) + len(training.test)
    return Plan.of(training.settings, training.training.x.shape[1], n, held_out)
