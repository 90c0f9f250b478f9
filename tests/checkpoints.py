"""Checkpoints for tests: a small one, a folder for it, the bits of a tensor, and a user without rights."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch

from torch_ref.training.checkpoint import save

NAN, INFINITY = float("nan"), float("inf")
FACTS = {"epoch": 3, "η": 0.1, "none": None, "yes": True, "costs": [0.5, -0.0, 1e-320, NAN, INFINITY, -INFINITY]}
posix = pytest.mark.skipif(os.name != "posix", reason="this system has no such signals, limits or permissions")


@contextmanager
def run_folder():
    """An empty folder, gone afterwards."""
    with TemporaryDirectory() as name:
        yield Path(name)


def a_file(folder, facts=FACTS):
    """A small checkpoint of three tensors."""
    path = folder / "last.safetensors"
    save(path, {"w": torch.arange(6.0).reshape(2, 3), "b": torch.tensor([True, False]), "n": torch.tensor(7)}, facts)
    return path


def bits(tensor):
    return tensor.dtype, tuple(tensor.shape), tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).tolist()


@contextmanager
def as_nobody():
    """Without the rights of root, for whom all can be read and written."""
    if os.geteuid() != 0:
        yield
        return
    try:
        os.seteuid(65534)
    except OSError:
        pytest.skip("this is root, and it may not give up its rights: nothing is forbidden to it")
    try:
        yield
    finally:
        os.seteuid(0)
