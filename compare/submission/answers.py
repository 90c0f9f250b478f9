"""What somebody's function returned, held against what was expected, and every difference as a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from compare.diagnosis.case import Fault
from compare.submission.wire import Other

Place = tuple[str, int] | None


class Answer:
    """The answer of one function, which lies at ``place``. It reads arrays of one dtype, and collects the faults.

    expected  what the function should return, in words
    finite    whether its arguments are
    """

    def __init__(
        self, function: str, dtype: np.dtype, place: Place, expected: str, *, finite: bool, faults: list[Fault]
    ) -> None:
        self.function, self.dtype, self.place, self.faults = function, dtype, place, faults
        self.expected, self.finite = expected, finite
        self.about: set[tuple[str, str]] = set()  # what has been said, and of which tensor

    def fault(self, kind: str, sentence: str, tensor: str = "", place: Place = None) -> None:
        """One more fault, once for each tensor."""
        if (kind, tensor) not in self.about:
            self.about.add((kind, tensor))
            file, line = place or self.place or (None, None)
            self.faults.append(Fault(kind, self.function, sentence, file, line, tensor))

    def results(self, value: Any, least: int, most: int) -> list[Any] | None:
        """The results, and None if they are not so many."""
        expected = self.expected
        if isinstance(value, Other | dict | str):
            self.fault("type", f"{self.function} returned {described(value)}; expected {expected}")
        elif not isinstance(value, list | tuple):
            self.fault("arity", f"{self.function} returned one result, {described(value)}; expected {expected}")
        elif not least <= len(value) <= most:
            self.fault("arity", f"{self.function} returned {len(value)} results; expected {expected}")
        else:
            return list(value)
        return None

    def layers(self, value: Any, name: str, count: int) -> list[Any] | None:
        """The list that ``name`` is, with ``count`` entries; None if it is not."""
        if isinstance(value, np.ndarray) and value.ndim > 0:
            value = list(value)
        if not isinstance(value, list | tuple):
            kind = value.kind if isinstance(value, Other) else "none" if value is None else "type"
            expected = f"expected a list of {count} arrays, one for each layer"
            self.fault(kind, f"{self.function} gave {described(value)} for {name}; {expected}", name)
        elif len(value) != count:
            sentence = f"{self.function} gave {name} with {len(value)} layers; expected {count}"
            self.fault("layers", sentence, name)
        else:
            return list(value)
        return None

    def array(self, value: Any, name: str, shape: tuple[int, ...]) -> np.ndarray | None:
        """The array that ``name`` is, of that shape; None if it is not.

        What is not finite, or came in another precision, is a fault, and stays.
        """
        if isinstance(value, bool | int | float | list | tuple):
            value = self._from_numbers(value, name)
        elif not isinstance(value, np.ndarray | np.generic):
            self._no_array(value, name)
            value = None
        if isinstance(value, np.matrix) and len(shape) == 1 and value.shape in ((1, *shape), (*shape, 1)):
            value = np.asarray(value).reshape(shape)  # a matrix has no other way to be a vector
        if value is None or not self._has(value := np.asarray(value), name, shape):
            return None
        if self.finite and not np.isfinite(value).all():
            index = tuple(int(i) for i in np.argwhere(~np.isfinite(value))[0])
            where = labelled(name + (str(list(index)) if index else ""))
            what = "NaN" if np.isnan(value[index]) else "infinity"
            self.fault("not finite", f"{self.function} gave {what} in {where}, of finite numbers", name)
        return value.reshape(shape).astype(self.dtype, copy=False)

    def _from_numbers(self, value: Any, name: str) -> np.ndarray | None:
        """Nested lists of numbers as an array; Python's numbers have the dtype that was given."""
        found = list(_numbers(value))
        if other := [v for v in found if not isinstance(v, int | float | np.ndarray | np.generic)]:
            self._no_array(other[0], name)
            return None
        try:
            array = np.array(value)
        except (ValueError, TypeError):
            sentence = f"{self.function} gave {labelled(name)} as a ragged list; expected rows of one length"
            self.fault("ragged", sentence, name)
            return None
        plain = all(type(v) in (int, float) for v in found)
        return array.astype(self.dtype) if plain else array

    def _no_array(self, value: Any, name: str) -> None:
        kind = value.kind if isinstance(value, Other) else "none" if value is None else "type"
        came = "an array of dtype object" if kind == "object" else described(value)
        if kind == "dtype":
            came = f"an array of dtype {value.type}"
        sentence = f"{self.function} gave {came} for {labelled(name)}; expected an array of dtype {self.dtype}"
        self.fault(kind, sentence, name)

    def _has(self, array: np.ndarray, name: str, shape: tuple[int, ...]) -> bool:
        """Whether the array has that shape, and real numbers in it; one number may be given for an array of one."""
        if array.shape != shape and not (array.ndim == 0 and np.prod(shape) == 1):
            transposed = ", its transpose" if array.shape == shape[::-1] else ""
            sentence = f"{self.function} gave {labelled(name)} of shape {array.shape}{transposed}; expected {shape}"
            self.fault("shape", sentence, name)
            return False
        if array.dtype != self.dtype:
            sentence = f"{self.function} gave {labelled(name)} in {array.dtype}, of arguments in {self.dtype}"
            self.fault("dtype", f"{sentence}; expected the same dtype", name)
            return array.dtype.kind == "f"  # numbers of another precision can still be judged
        return True


def _numbers(value: Any) -> Iterator[Any]:
    """What nested lists hold, where it is no list."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from _numbers(item)
    else:
        yield value


def labelled(name: str) -> str:
    """A tensor as the code has it, from 0 on, with its layer as the report counts them, from 1 on."""
    if not (match := re.match(r"(activations|deltas|nabla_[wb]|weights|biases)\[(\d+)\]", name)):
        return name
    layer = int(match[2]) + (match[1] != "activations")
    return f"{name} ({f'layer {layer}' if layer else 'the input'})"


def described(value: Any) -> str:
    """What kind of thing came, for a sentence."""
    if isinstance(value, Other):
        return f"a value of type {value.type}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, list | tuple) and value and all(isinstance(v, np.ndarray) for v in value):
        return f"a list of {len(value)} array{'s' * (len(value) > 1)}"
    return "None" if value is None else f"a value of type {type(value).__name__}"
