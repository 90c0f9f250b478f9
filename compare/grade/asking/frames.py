"""The answers of a submission as raw bytes of known sizes, in a known order: a frame for each question.

Both sides know from the questions how long each frame is. Nothing that a frame says is believed but its numbers, and
those are judged; its words are made printable, and are shown to the student whose file wrote them.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import prod

import numpy as np

from compare.diagnosis.case import Case, Fault, Observed, Shown, shape
from compare.key import Key, find
from compare.submission.asking import one_line
from compare.submission.conventions import ALLOWED, ConventionError, Conventions
from compare.submission.loading import FUNCTIONS
from compare.trace import Weights

MOST_FAULTS = 3
FAULT = struct.Struct("<12s24sI300s")  # kind, tensor, line, sentence
HELLO = struct.Struct("<?BI400s")  # loaded, offers, line, sentence
FORM = struct.Struct("<8s8s24s")  # the form in which it is asked, the stated one, others
TENSOR = re.compile(r"(activations|deltas|nabla_[wb]|weights|biases|sigmoid|sigmoid_prime)(\[\d+\]|\(z\))?")


@dataclass(frozen=True)
class Hello:
    """What loading the file gave; where it was not loaded, or not to its end, why not, in a sentence, and where."""

    loaded: bool
    offers: frozenset[str] = frozenset()
    line: int = 0
    sentence: str = ""

    def encode(self) -> bytes:
        """Of the size HELLO.size."""
        offers = sum(1 << k for k, name in enumerate(FUNCTIONS) if name in self.offers)
        return HELLO.pack(self.loaded, offers, _line(self.line), _utf8(self.sentence, 400))

    @classmethod
    def decode(cls, frame: bytes) -> Hello:
        """From a whole frame."""
        loaded, offers, line, words = HELLO.unpack(frame)
        return cls(loaded, frozenset(name for k, name in enumerate(FUNCTIONS) if offers >> k & 1), line, _text(words))


@dataclass(frozen=True)
class Form:
    """The conventions in which a submission is asked, those that are stated, and others in which it can be asked."""

    form: Conventions
    stated: Conventions
    others: tuple[Conventions, ...] = ()

    def encode(self) -> bytes:
        """Of the size FORM.size."""
        return FORM.pack(_form(self.form), _form(self.stated), b"".join(map(_form, self.others[:3])))

    @classmethod
    def decode(cls, frame: bytes) -> Form:
        """Raises ConventionError where it is none."""
        form, stated, others = FORM.unpack(frame)
        some = tuple(_conventions(others[k : k + 8]) for k in (0, 8, 16) if others[k : k + 8] != bytes(8))
        return cls(_conventions(form), _conventions(stated), some)


def _form(conventions: Conventions) -> bytes:
    return bytes(1 + ALLOWED[key].index(getattr(conventions, key)) for key in ALLOWED)


def _conventions(form: bytes) -> Conventions:
    if not all(1 <= k <= len(allowed) for k, allowed in zip(form, ALLOWED.values(), strict=True)):
        raise ConventionError("no form")
    return Conventions(**{key: allowed[k - 1] for k, (key, allowed) in zip(form, ALLOWED.items(), strict=True)})


@cache
def tensors(function: str, L: int) -> list[Key]:
    """What a function shows of a network of L layers of weights, in the order of its frame."""
    names = {
        "feedforward": ("activations",),
        "backprop": ("deltas", "nabla_b", "nabla_w"),
        "update_mini_batch": ("weights", "biases"),
    }[function]
    equation = "SGD" if function == "update_mini_batch" else ""
    return [Key(equation, name, layer) for name in names for layer in range(1, L + 1)]


@cache
def _layout(function: str, sizes: tuple[int, ...], m: int) -> list[tuple[Key, tuple[int, ...], int]]:
    """The tensors of a frame, with their shapes and their numbers of elements."""
    shapes = [(key, shape(key, sizes, m)) for key in tensors(function, len(sizes) - 1)]
    return [(key, form, prod(form)) for key, form in shapes]


def size(function: str, case: Case) -> int:
    """The bytes of the frame of that question."""
    numbers = [count for _, _, count in _layout(function, case.sizes, case.m)]
    return _faults_size() + len(numbers) + sum(numbers) * case.x.dtype.itemsize


def encode(function: str, case: Case, observed: Observed) -> bytes:
    """The frame of what was observed."""
    flags, numbers = bytearray(), []
    for key, form, count in _layout(function, case.sizes, case.m):
        array = find(observed.trace, key)
        there = array is not None and array[0].shape == form and array.dtype == case.x.dtype
        flags.append(there)
        numbers.append(_raw(array[0] if there else None, count, case.x.dtype))
    return b"".join([_encode_faults(observed.faults), flags, *numbers])


def decode(frame: bytes, function: str, case: Case, file: str) -> Observed:
    """What was observed, from a whole frame."""
    observed, layout = Observed(Shown(), _decode_faults(frame, function, file)), _layout(function, case.sizes, case.m)
    flags, numbers = frame[_faults_size() :][: len(layout)], _numbers(frame, _faults_size() + len(layout), case.x.dtype)
    found: dict[str, list[np.ndarray | None]] = {}
    at = 0
    for flag, (key, form, count) in zip(flags, layout, strict=True):
        found.setdefault(key.name, []).append(numbers[at : at + count].reshape(1, *form) if flag == 1 else None)
        at += count
    shown = {name: arrays for name, arrays in found.items() if any(a is not None for a in arrays)}
    if {"weights", "biases"} & set(shown):
        after = observed.trace.after = Weights([], [])
        after.weights, after.biases = (shown.pop(name, []) for name in ("weights", "biases"))  # type: ignore[assignment]
    for name, arrays in shown.items():
        setattr(observed.trace, name, arrays)
    return observed


def values_size(z: np.ndarray) -> int:
    """The bytes of the frame of σ or σ′ of every z."""
    return _faults_size() + 1 + z.nbytes


def encode_values(z: np.ndarray, values: np.ndarray | None, faults: Sequence[Fault]) -> bytes:
    """The frame of σ or σ′ of every z."""
    there = values is not None and values.shape == z.shape and values.dtype == z.dtype
    return _encode_faults(faults) + bytes([there]) + _raw(values if there else None, z.size, z.dtype)


def decode_values(frame: bytes, function: str, z: np.ndarray, file: str) -> tuple[np.ndarray | None, list[Fault]]:
    """The values, and the faults."""
    values = _numbers(frame, _faults_size() + 1, z.dtype).reshape(z.shape) if frame[_faults_size()] == 1 else None
    return values, _decode_faults(frame, function, file)


def _raw(array: np.ndarray | None, count: int, dtype: np.dtype) -> bytes:
    if array is None:
        return bytes(count * dtype.itemsize)
    return array.astype(dtype.newbyteorder("<"), copy=False).tobytes()


def _numbers(frame: bytes, at: int, dtype: np.dtype) -> np.ndarray:
    """All from there to the frame's end."""
    return np.frombuffer(frame[at:], dtype.newbyteorder("<")).astype(dtype)


def _faults_size() -> int:
    return MOST_FAULTS * FAULT.size


def _distinct(faults: Sequence[Fault]) -> list[Fault]:
    """Each kind of fault once for each result, so that those of one result leave room for another's."""
    return list({(f.kind, f.tensor.partition("[")[0]): f for f in reversed(faults)}.values())[::-1]


def _encode_faults(faults: Sequence[Fault]) -> bytes:
    packed = [
        FAULT.pack(_utf8(f.kind, 12), _utf8(f.tensor, 24), _line(f.line), _utf8(f.sentence, 300))
        for f in _distinct(faults)[:MOST_FAULTS]
    ]
    return b"".join(packed).ljust(_faults_size(), b"\0")


def _decode_faults(frame: bytes, function: str, file: str) -> list[Fault]:
    return list(_faults(frame, function, file))


def _faults(frame: bytes, function: str, file: str) -> Iterator[Fault]:
    for kind, tensor, line, sentence in FAULT.iter_unpack(frame[: _faults_size()]):
        if kind.strip(b"\0"):
            named = _text(tensor) if TENSOR.fullmatch(_text(tensor)) else ""
            yield Fault(_text(kind), function, _text(sentence), file if line else None, line or None, named)


def _line(number: int | None) -> int:
    """Of whatever a file says is its line."""
    return min(max(number or 0, 0), 2**32 - 1)


def _utf8(text: str, most: int) -> bytes:
    """At most so many bytes, of whole characters."""
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore").encode()


def _text(raw: bytes) -> str:
    return one_line(raw.rstrip(b"\0").decode("utf-8", "replace"))
