"""Where the reference runs: the device by name, the precision of its products, and whether its bits are the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.utils.deterministic

WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"  # cuBLAS sums in one order only where this is set before its first product


class DeviceError(Exception):
    """A device that is not there, or cannot do what is asked."""


def pick_device(name: str, dtype: torch.dtype | None = None) -> torch.device:
    """The device called cpu, cuda, cuda:1 or mps. Raises DeviceError if it cannot compute in dtype."""
    try:
        if name.split(":", maxsplit=1)[0] not in ("cpu", "cuda", "mps"):
            raise NotImplementedError(f"{name} is none of cpu, cuda and mps")
        device = torch.device(name)
        if device.type == "cpu" and device.index:
            raise NotImplementedError(f"there is one cpu, and {name} is another")
        torch.zeros(1, device=device).cpu()
    except (RuntimeError, AssertionError, ImportError) as e:
        raise DeviceError(
            f"device {name!r} is not on this machine; {available()}: use one of these with --device"
        ) from e
    try:
        torch.zeros(1, device=device, dtype=dtype)
    except (RuntimeError, TypeError) as e:
        raise DeviceError(f"device {name!r} has no {dtype}; use --dtype float32, or --device cpu") from e
    return device


def available() -> str:
    """A phrase that lists what this machine has."""
    names = ["cpu"]
    names += [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    names += ["mps"] if torch.backends.mps.is_available() else []
    return f"it has {', '.join(names)}"


def use_tf32(enabled: bool) -> None:
    """Let float32 products on CUDA round their factors to TF32's ten bits, or forbid it, for the whole process."""
    torch.set_float32_matmul_precision("high" if enabled else "highest")


@contextmanager
def deterministic(device: torch.device) -> Iterator[None]:
    """Inside, on CUDA, torch takes only algorithms that give the same bits each time; afterwards as before.

    Elsewhere nothing is changed: on the CPU the bits are the same with one thread, and to demand it takes seconds at
    the start.
    """
    if device.type != "cuda":
        yield
        return
    new_memory: Any = torch.utils.deterministic  # a module that says what it holds only when it runs
    before = torch.are_deterministic_algorithms_enabled(), new_memory.fill_uninitialized_memory
    os.environ.setdefault(WORKSPACE, ":4096:8")
    torch.use_deterministic_algorithms(True)
    new_memory.fill_uninitialized_memory = False  # it takes a kernel for each tensor, and all are written first
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0])
        new_memory.fill_uninitialized_memory = before[1]


def phrase(demanded: bool) -> str:
    """What ``torch.are_deterministic_algorithms_enabled()`` says, for people."""
    return f"torch's deterministic algorithms {'' if demanded else 'not '}demanded"
