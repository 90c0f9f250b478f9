"""A training run from the command line to its exit code."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

import torch

from torch_ref.data import DataError
from torch_ref.device import DeviceError
from torch_ref.folder import LogError
from torch_ref.options import given
from torch_ref.parser import fail
from torch_ref.share import ALONE, LostError, Share, joined, own_device
from torch_ref.terminal import INTERRUPTED, Output, one_interrupt
from torch_ref.training.begin import Options, TrainingError
from torch_ref.training.checkpoint import CheckpointError
from torch_ref.training.job import train
from torch_ref.training.settings import SettingsError


def training_command(arguments: argparse.Namespace) -> int:
    """Train, and give the exit code: 0, 2 after one sentence on stderr, or 130."""
    device = own_device(arguments.device)
    settings = given(arguments, fail)
    options = Options(settings, device, arguments.logdir, arguments.resume, arguments.save, arguments.steps)
    share = ALONE
    try:
        with one_interrupt(), joined(device) as share:
            train(options, Output(quiet=not share.first), share)
    except (SettingsError, DataError, DeviceError, CheckpointError, LogError, TrainingError) as e:
        _fail(share, str(e))
    except LostError as e:
        fail(str(e))  # each that is left: the first may be the one that is lost
    except (MemoryError, torch.OutOfMemoryError):
        _fail(share, "out of memory; give fewer --replicas, smaller --hidden layers, or --dtype float32")
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _fail(share: Share, sentence: str) -> NoReturn:
    """What all processes of a run meet is said once."""
    if share.first:
        fail(sentence)
    sys.exit(2)
