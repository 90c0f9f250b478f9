"""Messages between two processes: a skeleton in JSON and the raw bytes of the arrays, behind their lengths.

Nothing is pickled, and no length that comes is believed. A message is a header (magic, length of the skeleton, length
of the arrays), the skeleton, and the arrays one after another, little-endian, in the order that the skeleton has them.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from functools import cache
from io import BufferedIOBase
from typing import Any

import numpy as np

HEADER = struct.Struct("<4sIQ")
MAGIC = b"BpW1"
MOST_BYTES = 1 << 30
MOST_SKELETON = 32 << 20
MOST_VALUES = 1_000_000
DEEPEST = 16
IMMUTABLE = {type(None), bool, float, str}
PLAIN_BYTES, PLAIN_VALUES = 1 << 20, 1000  # of what goes through without being written down
NAMES = ("|b1", *(f"{'|' if n == 1 else '<'}{kind}{n}" for kind in "iu" for n in (1, 2, 4, 8)), "<f2", "<f4", "<f8")
LONG = "long"  # numpy.longdouble, which every system has in a form of its own; the digits of float64 travel
DTYPES = {name: np.dtype(name) for name in NAMES} | {LONG: np.dtype("<f8")}
NATIVE = {dtype for dtype in DTYPES.values() if dtype.isnative}


class WireError(Exception):
    """What came is no message, or what should be sent is too much for one."""


@dataclass(frozen=True)
class Other:
    """In place of a value that does not travel. ``kind`` is "object", "dtype", "type" or "depth"; ``type`` names it."""

    kind: str
    type: str


def encode(value: Any) -> bytes:
    """One message: nested lists, tuples, dicts by strings, numbers, strings, arrays; Other for all else.

    An array of objects goes as nested lists of them.

    Raises WireError if there is too much of it.
    """
    writer = _Writer()
    skeleton = json.dumps(writer.skeleton(value, 0)).encode()
    if len(skeleton) > MOST_SKELETON:
        raise WireError(f"{len(skeleton):,} bytes of text and numbers, at most {MOST_SKELETON:,} travel")
    arrays = b"".join(a.astype(a.dtype.newbyteorder("<"), copy=False).tobytes() for a in writer.arrays)
    return HEADER.pack(MAGIC, len(skeleton), len(arrays)) + skeleton + arrays


class _Writer:
    def __init__(self) -> None:
        self.arrays: list[np.ndarray] = []
        self.bytes, self.values = 0, 0

    def skeleton(self, value: Any, depth: int) -> Any:
        """What stands for the value in the JSON; no code of the value's own class runs."""
        self.values += 1
        if self.values > MOST_VALUES:
            raise WireError(f"more than {MOST_VALUES:,} values; give arrays in place of lists")
        if type(value) in IMMUTABLE or (type(value) is int and value.bit_length() < 64):
            return value
        if type(value) is np.ndarray and value.dtype == object and value.ndim:
            return self.nested(value.tolist(), depth)
        if type(value) in (np.ndarray, np.matrix) or isinstance(value, np.bool_ | np.integer | np.floating):
            return self.array(value)
        if isinstance(value, list | tuple | dict):
            return self.nested(value, depth)
        return _other("type", type(value))

    def array(self, value: Any) -> Any:
        array = np.asarray(value)
        if (name := _name(array.dtype)) not in DTYPES:
            kind = "object" if array.dtype.hasobject else "dtype"
            return {"other": [kind, str(array.dtype)[:100]]}
        array = array.astype(DTYPES[LONG]) if name == LONG else array
        self.bytes += array.nbytes
        if self.bytes > MOST_BYTES:
            raise WireError(f"more than {MOST_BYTES:,} bytes of arrays")
        self.arrays.append(array)
        tag = {np.ndarray: "array", np.matrix: "matrix"}.get(type(value), "scalar")
        return {tag: [name, list(array.shape)]}

    def nested(self, value: Any, depth: int) -> Any:
        if depth == DEEPEST:
            return _other("depth", type(value))
        if isinstance(value, list):
            return [self.skeleton(v, depth + 1) for v in list.__iter__(value)]
        if isinstance(value, tuple):
            return {"tuple": [self.skeleton(v, depth + 1) for v in tuple.__iter__(value)]}
        if type(value) is not dict or any(type(k) is not str for k in value):
            return _other("type", type(value))
        return {"dict": {k: self.skeleton(v, depth + 1) for k, v in value.items()}}


@cache
def _name(dtype: np.dtype) -> str:
    """As it travels."""
    return LONG if dtype.char == "g" and dtype.itemsize > DTYPES[LONG].itemsize else dtype.newbyteorder("<").str


def _other(kind: str, of: type) -> dict[str, list[str]]:
    module = "" if of.__module__ == "builtins" else f"{of.__module__}."
    return {"other": [kind, f"{module}{of.__qualname__}"[:100]]}


def length(start: bytes | bytearray) -> int:
    """How long the message is that starts so; of a header that is not whole yet, the header's length.

    Raises WireError if it is none, or longer than any may be.
    """
    if len(start) < HEADER.size:
        return HEADER.size
    magic, skeleton, arrays = HEADER.unpack_from(start)
    if magic != MAGIC or skeleton > MOST_SKELETON or arrays > MOST_BYTES:
        raise WireError("what came does not start as a message does")
    return int(HEADER.size + skeleton + arrays)


def decode(message: bytes | bytearray) -> Any:
    """The value of one whole message; its arrays are copies, C-ordered. Raises WireError if it is malformed."""
    if len(message) < HEADER.size or len(message) != length(message):
        raise WireError(f"a message of {len(message)} bytes does not have the length that it states")
    _, size, _ = HEADER.unpack_from(message)
    skeleton, arrays = bytes(message[HEADER.size : HEADER.size + size]), memoryview(message)[HEADER.size + size :]
    reader = _Reader(arrays)
    try:
        value = reader.value(json.loads(skeleton), 0)
    except (ValueError, RecursionError, TypeError, KeyError, OverflowError) as e:
        raise WireError(f"a malformed message: {e}") from e
    if reader.at != len(arrays):
        raise WireError(f"{len(arrays) - reader.at} bytes of a message belong to no array")
    return value


class _Reader:
    def __init__(self, arrays: memoryview) -> None:
        self.arrays, self.at = arrays, 0

    def value(self, skeleton: Any, depth: int) -> Any:
        if depth > DEEPEST:
            raise WireError("a message is nested too deeply")
        if isinstance(skeleton, list):
            return [self.value(v, depth + 1) for v in skeleton]
        if isinstance(skeleton, dict):
            ((tag, content),) = skeleton.items()
            return self.tagged(tag, content, depth)
        return skeleton

    def tagged(self, tag: str, content: Any, depth: int) -> Any:
        if tag == "tuple" and isinstance(content, list):
            return tuple(self.value(v, depth + 1) for v in content)
        if tag == "dict" and isinstance(content, dict):
            return {k: self.value(v, depth + 1) for k, v in content.items()}
        if tag == "other" and isinstance(content, list):
            kind, name = content
            return Other(str(kind), str(name))
        if tag in ("array", "matrix", "scalar"):
            array = self.array(*content)
            return array.view(np.matrix) if tag == "matrix" else array if tag == "array" else array.reshape(())[()]
        raise WireError(f"a message has {tag!r} where a value should be")

    def array(self, dtype: str, shape: list[int]) -> np.ndarray:
        if dtype not in DTYPES or not all(type(n) is int and 0 <= n <= MOST_BYTES for n in shape):
            raise WireError(f"a message has an array of dtype {dtype} and shape {shape}")
        came, count = DTYPES[dtype], math.prod(shape)
        size = count * came.itemsize
        if size > len(self.arrays) - self.at:
            raise WireError(f"a message ends before an array of {size} bytes does")
        raw = np.frombuffer(self.arrays, np.uint8 if dtype == "|b1" else came, count, self.at) if count else np.empty(0)
        self.at += size
        if dtype == "|b1":
            return (raw != 0).reshape(shape)
        return raw.reshape(shape).astype(np.longdouble if dtype == LONG else came.newbyteorder("="))


def receive(stream: BufferedIOBase) -> Any:
    """The next message of a stream. Raises EOFError if there is none, WireError if it is cut off or malformed."""
    message = stream.read(HEADER.size)
    if not message:
        raise EOFError("no further message")
    return decode(message + stream.read(length(message) - len(message)))


def send(stream: BufferedIOBase, message: bytes) -> None:
    """Put one encoded message on a stream."""
    stream.write(message)
    stream.flush()


def through(value: Any) -> Any:
    """What ``decode(encode(value))`` gives; where it is plain, without writing it down."""
    try:
        return _copied(value, 0)
    except _NotPlainError:
        return decode(encode(value))


class _NotPlainError(Exception):
    """Something is there that the wire makes something else of, or may be too much for it."""


def _copied(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind is np.ndarray and value.dtype in NATIVE and value.nbytes <= PLAIN_BYTES:
        return value.copy()
    if kind in IMMUTABLE or (kind is int and value.bit_length() < 64):
        return value
    if depth == DEEPEST or kind not in (list, tuple, dict) or len(value) > PLAIN_VALUES:
        raise _NotPlainError
    if kind is dict:
        if any(type(key) is not str for key in value):
            raise _NotPlainError
        return {key: _copied(v, depth + 1) for key, v in value.items()}
    return kind([_copied(v, depth + 1) for v in value])
