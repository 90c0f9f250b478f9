"""Owns IDX files: what one must be, its magic number, sizes and length each held against the others; and its values.

It is a header of big-endian 32-bit numbers (the magic number, the count, the sizes of one item), then the
values. A reader that trusts one of these takes some broken files without a word, as images of 14x56 pixels.
"""

from __future__ import annotations

import hashlib
import math
import struct
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path


class DataError(Exception):
    """Data that cannot be used: one sentence that says what came, what was expected, and the way out."""


class Kind(NamedTuple):
    """What an IDX file holds: its magic number, a word for its items, the shape of each, the dtype of a value."""

    magic: int
    items: str
    shape: tuple[int, ...]
    dtype: np.dtype


IMAGES = Kind(0x00000803, "images", (28, 28), np.dtype("u1"))
LABELS = Kind(0x00000801, "labels", (), np.dtype("u1"))
QMNIST_LABELS = Kind(0x00000C02, "labels", (8,), np.dtype(">i4"))  # the digit, then seven facts on where it came from

GZIP = b"\x1f\x8b"


def count(path: Path, kind: Kind, way_out: str) -> int:
    """How many items the IDX file at ``path`` holds, if its header fits ``kind`` and its length the header.

    Raises:
        DataError: the file is missing or unreadable, has another magic number, other sizes, no items, or
            other bytes than its header announces. ``way_out`` ends the sentence.
    """
    header, length = _begin(path, kind, way_out)
    _check_magic(path, header, kind, way_out)
    items, *shape = struct.unpack(f">{1 + len(kind.shape)}I", header[4:])
    _check_shape(path, items, tuple(shape), kind, way_out)
    _check_length(path, items, length, kind, way_out)
    return items


def values(path: Path, kind: Kind) -> np.ndarray:
    """All items of the IDX file at ``path``, which ``count`` has found to be whole: (items, *shape)."""
    return np.fromfile(path, kind.dtype, offset=_header_length(kind)).reshape(-1, *kind.shape)


def check_md5(path: Path, md5: str, way_out: str) -> None:
    """Nothing, where the file at ``path`` is byte for byte the one that has this ``md5``.

    Raises:
        DataError: it is another file.
    """
    there = path.stat()
    found = _md5(path, (there.st_ino, there.st_size, there.st_mtime_ns, there.st_ctime_ns))
    if found != md5:
        raise DataError(f"{path} was changed: its md5 is {found}, expected {md5}; {way_out}")


@cache
def _md5(path: Path, _state: tuple[int, ...]) -> str:
    """Worked out once in a process for each state that the file is found in."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, partial(hashlib.md5, usedforsecurity=False)).hexdigest()


def _header_length(kind: Kind) -> int:
    return 4 * (2 + len(kind.shape))


def _begin(path: Path, kind: Kind, way_out: str) -> tuple[bytes, int]:
    """The bytes of the header, or as many as there are, and the length of the whole file."""
    try:
        with path.open("rb") as file:
            return file.read(_header_length(kind)), file.seek(0, 2)
    except FileNotFoundError as e:
        raise DataError(f"{path} is missing: expected an IDX file of {kind.items} there; {way_out}") from e
    except OSError as e:
        raise DataError(f"{path} cannot be read ({e.strerror}): expected an IDX file of {kind.items}; {way_out}") from e


def _check_magic(path: Path, header: bytes, kind: Kind, way_out: str) -> None:
    if header.startswith(GZIP):
        raise DataError(f"{path} is still packed by gzip: expected an IDX file of {kind.items}; unpack it by gunzip")
    if len(header) < _header_length(kind):
        raise DataError(
            f"{path} is truncated: it has {len(header)} bytes,"
            f" expected more than the {_header_length(kind)} of its header; {way_out}"
        )
    if header[:4] != kind.magic.to_bytes(4, "big"):
        raise DataError(
            f"{path} begins with 0x{header[:4].hex()}, expected the magic number 0x{kind.magic:08x}"
            f" of an IDX file of {kind.items}; {way_out}"
        )


def _check_shape(path: Path, items: int, shape: tuple[int, ...], kind: Kind, way_out: str) -> None:
    if shape != kind.shape:
        found, expected = ("x".join(map(str, sizes)) for sizes in (shape, kind.shape))
        raise DataError(f"{path} announces {kind.items} of {found} values each, expected {expected}; {way_out}")
    if items == 0:
        raise DataError(f"{path} announces 0 {kind.items}, expected at least 1; {way_out}")


def _check_length(path: Path, items: int, length: int, kind: Kind, way_out: str) -> None:
    expected = _header_length(kind) + items * math.prod(kind.shape) * kind.dtype.itemsize
    if length != expected:
        fault = "truncated" if length < expected else "too long"
        raise DataError(
            f"{path} is {fault}: it has {length} bytes, expected {expected}"
            f" for the {items} {kind.items} that its header announces; {way_out}"
        )
