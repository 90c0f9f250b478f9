"""Owns the smallest failing case: a case that fails is made simpler for as long as it fails, and then written out."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import numpy as np

from compare.diagnosis import small_numbers
from compare.diagnosis.case import Case
from compare.diagnosis.simpler import Way, arrays, copied, fewer, narrower, shorter, tiny

CALLS = 150
MOST_SHOWN = 64  # numbers of an array; a larger one is only summed up


def smallest(
    case: Case,
    fails: Callable[[Case], bool],
    *,
    keep_layers: bool = False,
    calls: int = CALLS,
    seconds: float = 2.0,
) -> Case:
    """The simplest case found that ``fails`` says True of, in arrays of its own; ``case`` stays as it is.

    ``fails`` is asked no more than ``calls`` times, of copies, and not again once ``seconds`` have passed. With
    ``keep_layers`` there are as many layers as before. Raises ValueError if ``case`` itself does not fail.
    """
    search = _Search(copied(case), fails, calls)
    search.start(seconds)
    with suppress(_Enough):
        search.run(keep_layers)
    return search.best


class _Enough(Exception):
    """The calls, or the time, are used up."""


class _Search:
    """``best`` is the last case that was found to fail; only what is simpler is ever asked about."""

    def __init__(self, case: Case, fails: Callable[[Case], bool], calls: int) -> None:
        self.best, self.fails, self.calls, self.end = case, fails, calls - 1, 0.0
        self.asked = {_bytes(case)}

    def start(self, seconds: float) -> None:
        """Ask about the case itself; only then does time count, as a first question can take long."""
        if self.fails(copied(self.best)) is not True:
            raise ValueError("the case does not fail, so there is nothing to make smaller; give one that fails")
        self.end = time.monotonic() + seconds

    def run(self, keep_layers: bool) -> None:
        """Sizes, then numbers; and again, as long as that led further."""
        self.takes(partial(tiny, least=self.best.L if keep_layers else 1))
        before = None
        while before is not self.best:
            before = self.best
            sizes: list[Way] = [partial(narrower, layer=layer) for layer in range(self.best.L + 1)]
            for way in [*([] if keep_layers else [shorter]), fewer, *sizes]:
                self.takes_all(way)
            for way in small_numbers.ways(self.best):
                self.takes(way)

    def takes_all(self, way: Way) -> None:
        """Go that way as far as it leads."""
        while self.takes(way):
            pass

    def takes(self, way: Way) -> bool:
        """Go on from the first of the cases on offer that fails, if one does."""
        for candidate in way(self.best):
            if self._asks(candidate):
                self.best = candidate
                return True
        return False

    def _asks(self, candidate: Case) -> bool:
        if (key := _bytes(candidate)) in self.asked:
            return False
        if self.calls <= 0 or time.monotonic() >= self.end:
            raise _Enough
        self.calls -= 1
        self.asked.add(key)
        return self.fails(copied(candidate)) is True


def _bytes(case: Case) -> bytes:
    """What tells the case from any other that is made of the same one."""
    return repr((case.sizes, case.m, case.eta)).encode() + b"".join(array.tobytes() for _, array in arrays(case))


def describe(case: Case) -> str:
    """The case for people, a line for each array, its numbers to four digits; layers are counted from 1."""
    lines = [f"{network(case)}, eta = {case.eta:g}, {cost(case)}, {case.x.dtype}"]
    layers = {"weights": 0, "biases": 0}
    for name, array in arrays(case):
        if name in layers:
            layers[name] += 1
        lines.append(f"{name}{f'[{layers[name]}]' if name in layers else ''} = {_numbers(array)}")
    return "\n".join(lines)


def network(case: Case) -> str:
    """The sizes of the layers and the number of examples."""
    return f"sizes {'-'.join(map(str, case.sizes))}, {'one example' if case.m == 1 else f'{case.m} examples'}"


def cost(case: Case) -> str:
    """The cost, as a formula."""
    over = "" if case.summed else "m"
    fraction = f"1/(2{over})" if over and case.factor == 1 else "1/2" if case.factor == 1 else "1/m" if over else ""
    return f"C = {f'{fraction} ' if fraction else ''}Σ‖y − a‖²"


def _numbers(array: np.ndarray) -> str:
    if array.size > MOST_SHOWN:
        return f"{' × '.join(map(str, array.shape))} numbers, from {array.min():.4g} to {array.max():.4g}"
    if array.ndim == 1:
        return f"[{', '.join(map(_number, array))}]"
    return f"[{', '.join(map(_numbers, array))}]"


def _number(value: np.floating) -> str:
    return f"{value:.4g}"
