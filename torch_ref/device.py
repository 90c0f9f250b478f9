"""Where the reference runs: the device by name, and the precision of its matrix products."""

from __future__ import annotations

import torch


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
