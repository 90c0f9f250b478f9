"""The file of a training run: named tensors, and facts in JSON, whole or not there at all.

A safetensors file, which no code can hide in; one key of its metadata has the version, a digest, and the facts.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes

VERSION = 1
KEY = "backproof"
WAY_OUT = "--resume takes a file that `backproof train` wrote; leave it out to begin anew"


class CheckpointError(Exception):
    """A checkpoint that cannot be used or written: one sentence that says what came, what was expected, the way out."""


@dataclass(frozen=True)
class Checkpoint:
    """What a file holds: tensors of any shape, on the CPU and in memory of their own, and the facts."""

    tensors: dict[str, torch.Tensor]
    facts: dict[str, Any]


def save(path: Path, tensors: Mapping[str, torch.Tensor], facts: Mapping[str, Any]) -> None:
    """Write tensors, of any shape and from any device, and facts that JSON knows, NaN and infinities among them.

    As in JSON, the keys of the facts come back as str and tuples as lists. Raises CheckpointError where it cannot
    be written; what stood at ``path`` is then untouched. A process killed inside leaves a .part file beside it.
    """
    try:
        _write(path, _packed(path, tensors, facts))
    except OSError as e:
        left = "the older one there is untouched" if os.path.isfile(path) else "none is there yet"
        raise CheckpointError(f"{path} cannot be written ({e.strerror or e}): {left}; make room or go elsewhere") from e


def load(path: Path) -> Checkpoint:
    """What ``save`` wrote, to the bit. Raises CheckpointError for any other file, and where a value has changed."""
    try:
        _refuse_what_is_no_file(path)
        with path.open("rb"), safe_open(path, "pt") as file:  # Python's open first: it says why it could not
            record = _record(path, file.metadata() or {})
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - it is no dict
    except OSError as e:
        raise CheckpointError(f"{path} cannot be read ({e.strerror or e}): {WAY_OUT}") from e
    except SafetensorError as e:
        raise CheckpointError(f"{path} is no checkpoint of backproof, or not the whole of one ({e}): {WAY_OUT}") from e
    if record["digest"] != _digest(tensors, record["facts"]):
        raise CheckpointError(f"{path} was changed after it was written, its digest is another: {WAY_OUT}")
    return Checkpoint(tensors, record["facts"])


def expect(checkpoint: Checkpoint, path: Path, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raise CheckpointError, with the first such name, unless the tensors have these names and these shapes."""
    came = {name: f"the shape {tuple(tensor.shape)}" for name, tensor in sorted(checkpoint.tensors.items())}
    wanted = {name: f"the shape {tuple(shape)}" for name, shape in shapes.items()}
    for name in [*wanted, *came]:
        got, expected = (those.get(name, "none of this name") for those in (came, wanted))
        if got != expected:
            way_out = "--hidden must be the same as in the run that wrote it"
            raise CheckpointError(f"{path}: tensor {name!r}: got {got}, expected {expected}; {way_out}")


def _packed(path: Path, tensors: Mapping[str, torch.Tensor], facts: Mapping[str, Any]) -> bytes:
    """The bytes of the file. Raises CheckpointError for what neither JSON nor safetensors can hold."""
    try:
        if "__metadata__" in tensors:
            raise ValueError("no tensor can be called __metadata__")  # safetensors would write it, and never read it
        copies = {name: _copy(tensor) for name, tensor in tensors.items()}
        as_read = json.loads(json.dumps(dict(facts)))
        record = {"version": VERSION, "digest": _digest(copies, as_read), "facts": as_read}
        return to_bytes(copies, {KEY: json.dumps(record)})
    except (TypeError, ValueError, KeyError, RecursionError, SafetensorError) as e:
        raise CheckpointError(f"{path} cannot be written ({e}): convert it to what JSON or safetensors holds") from e


def _copy(tensor: torch.Tensor) -> torch.Tensor:
    """On the CPU, contiguous, and sharing memory with no other, as safetensors wants them."""
    return tensor.detach().cpu().clone(memory_format=torch.contiguous_format)


def _digest(tensors: Mapping[str, torch.Tensor], facts: Mapping[str, Any]) -> str:
    """Sixteen bytes in hexadecimal that depend on the facts and on each tensor's name, dtype, shape and bits."""
    digest = hashlib.blake2b(json.dumps(facts).encode(), digest_size=16)
    for name, tensor in sorted(tensors.items()):
        digest.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Beside first, then in one step to ``path``, or to where it links: a reader sees the older file or this one."""
    target = Path(os.path.realpath(path)) if path.is_symlink() else path
    _refuse_what_is_no_file(target)
    beside = target.with_name(f".checkpoint-{secrets.token_hex(8)}.part")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    finally:
        with suppress(OSError):  # after the replacement it is gone
            beside.unlink()
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """So that the new name outlives a power cut, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        with suppress(OSError):
            os.fsync(descriptor)
        os.close(descriptor)


def _refuse_what_is_no_file(path: Path) -> None:
    """Raise OSError for a folder, a pipe or a device: to read or to replace one does harm."""
    if path.exists() and not path.is_file():
        raise OSError("it is a folder or a device, expected a file")


def _record(path: Path, metadata: Mapping[str, str]) -> dict[str, Any]:
    """Version, digest and facts. Raises CheckpointError unless this version wrote them."""
    record: Any = None
    with suppress(ValueError, RecursionError):
        record = json.loads(metadata.get(KEY, "null"))
    match record:
        case {"version": int(version)} if version != VERSION:
            age, way_out = ("a newer", "update backproof, or ") if version > VERSION else ("an older", "")
            writer = f"{age} version of backproof (format {version}; this one reads {VERSION})"
            raise CheckpointError(f"{path} was written by {writer}: {way_out}start without --resume")
        case {"version": int(), "digest": str(), "facts": dict()}:
            return record
    raise CheckpointError(f"{path} is a safetensors file, but no checkpoint of backproof: {WAY_OUT}")
