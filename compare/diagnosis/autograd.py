"""What autograd gives for a case, and how far rounding alone may take another's numbers from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache

import numpy as np

from compare.diagnosis.case import Case
from compare.precision import Precision
from compare.reference import Reference
from compare.tolerance import Bounds, bounds
from compare.trace import Trace, Weights

Stacked = tuple[Weights, np.ndarray, np.ndarray]  # the parameters, x and y of several cases, a step each
Name = tuple[bytes, float, bool]  # of a case: of its numbers, and its cost

_foreseen: dict[Name, tuple[_Lot, int]] = {}  # and which one of that lot it is


@lru_cache(maxsize=64)
def reference(sizes: tuple[int, ...], factor: float, dtype: np.dtype) -> Reference:
    """The torch network of those sizes."""
    return Reference(sizes, factor, dtype)


@lru_cache(maxsize=128)
def expect(case: Case) -> Trace:
    """What autograd gives for the case."""
    if _foreseen and (known := _foreseen.get(_name(case))):
        lot, k = known
        return lot.traces.step(k)
    return _trace([case], _stacked([case]))


@lru_cache(maxsize=64)
def bounds_of(case: Case, precision: Precision) -> Bounds:
    """The bounds on what lies between autograd's trace of the case and another one; ``precision`` is of both sides."""
    if _foreseen and (known := _foreseen.get(_name(case))):
        lot, k = known
        return lot.bounds(precision).step(k)
    return _bounds(case, _stacked([case]), expect(case), precision)


@contextmanager
def foreseen(cases: Iterable[Case]) -> Iterator[None]:
    """Inside, these cases are known: all that have the same shapes are worked out in one batched call.

    Of a class that is asked about the same shapes in other numbers, that takes an eighth of the time (``make bench``).
    """
    alike: dict[object, dict[Name, Case]] = defaultdict(dict)
    for case in cases:
        alike[case.sizes, case.m, case.factor, case.summed, case.x.dtype][_name(case)] = case
    for named in alike.values():
        lot = _Lot(list(named.values()))
        _foreseen.update({name: (lot, k) for k, name in enumerate(named)})
    try:
        yield
    finally:
        _foreseen.clear()


class _Lot:
    """Cases of the same shapes and the same cost: what one of them is asked for is worked out for all of them."""

    def __init__(self, cases: list[Case]) -> None:
        self.cases = cases
        self._bounds: dict[Precision, Bounds] = {}

    @cached_property
    def stacked(self) -> Stacked:
        return _stacked(self.cases)

    @cached_property
    def traces(self) -> Trace:
        return _trace(self.cases, self.stacked)

    def bounds(self, precision: Precision) -> Bounds:
        if precision not in self._bounds:
            with np.errstate(all="ignore"):  # somebody's own parameters may be as large as numbers can be
                self._bounds[precision] = _bounds(self.cases[0], self.stacked, self.traces, precision)
        return self._bounds[precision]


def _name(case: Case) -> Name:
    return case.digest, case.factor, case.summed


def _trace(cases: Sequence[Case], stacked: Stacked) -> Trace:
    """One step for each case; all have the same shapes and the same cost."""
    first = cases[0]
    return reference(first.sizes, first.factor, first.x.dtype).trace(*stacked, first.scale)


def _bounds(first: Case, stacked: Stacked, expected: Trace, precision: Precision) -> Bounds:
    return bounds(*stacked, expected, first.factor, precision, first.scale)


def _stacked(cases: Sequence[Case]) -> Stacked:
    layers = range(cases[0].L)
    weights, biases = (
        [np.stack([getattr(case, name)[l] for case in cases]) for l in layers] for name in ("weights", "biases")
    )
    return Weights(weights, biases), np.stack([case.x for case in cases]), np.stack([case.y for case in cases])
