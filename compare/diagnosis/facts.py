"""What is observed of a case, as hypotheses are held against it: number by number, to within rounding."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from compare.diagnosis.case import Case, Observed
from compare.key import Key, find, tensor

# Two hypotheses that differ at all are further apart than this on a probe, and rounding is much closer: by how much is
# measured in tests/test_probes.py (docs/decisions/0004).
LEAST = 1e-3  # the size that a saturated tensor is taken to have at least: σ may be worked out from numbers near 1
CLOSE = {"float64": 1e-9, "float32": 8e-6}
NAMES = {np.dtype(name): name for name in CLOSE}  # a dtype takes long to tell its own


@dataclass(frozen=True)
class Quantity:
    """What came of a quantity, which belongs to that part: an array, or None where it had not the right ``shape``."""

    part: str
    key: Key
    shape: tuple[int, ...]
    array: np.ndarray | None

    def is_like(self, other: np.ndarray) -> bool:
        """Whether the other has the same numbers, to within rounding, or a wrong shape where a wrong one came."""
        if self.array is None:
            return other.shape != self.shape
        first, most = self._first
        return not abs(first - other.item(0)) > most and close(self.array, other)

    @cached_property
    def _first(self) -> tuple[float, float]:
        """One number, and how far from it another may be: it refutes most hypotheses."""
        assert self.array is not None
        with np.errstate(invalid="ignore"):
            most = CLOSE[NAMES[self.array.dtype]] * float(np.abs(self.array).max(initial=LEAST))
        return self.array.item(0), 2 * most


@dataclass(frozen=True)
class Fact:
    """What is observed of one case: of these parts, by name and layer, the quantities that came."""

    case: Case
    parts: frozenset[str]
    quantities: Mapping[tuple[str, int], Quantity]

    def of(self, part: str) -> Iterator[Quantity]:
        """Those of one part."""
        return (quantity for quantity in self.quantities.values() if quantity.part == part)

    @cached_property
    def misshapen(self) -> bool:
        """Whether one of them has not the right shape."""
        return any(quantity.array is None for quantity in self.quantities.values())


def fact(case: Case, observed: Observed, parts: Mapping[str, Collection[str]]) -> Fact:
    """``parts``: the names of the quantities of each."""
    came = {key: tensor(observed.trace, key)[0] for key in observed.shown()}
    came |= dict.fromkeys(observed.misshapen(case.L))
    quantities = {
        key[1:]: Quantity(part, key, case.shape(key), array)
        for part, names in parts.items()
        for key, array in came.items()
        if key.name in names
    }
    return Fact(case, frozenset(parts), quantities)


def unlike(fact: Fact, part: str, other: Observed) -> Iterator[Key]:
    """What is otherwise than in the other trace."""
    for quantity in fact.of(part):
        if (found := find(other.trace, quantity.key)) is None or not quantity.is_like(found[0]):
            yield quantity.key


def close(a: np.ndarray, b: np.ndarray) -> bool:
    """The same shape, the same elements that are not finite, and the others apart by no more than rounding."""
    if a.shape != b.shape:
        return False
    with np.errstate(invalid="ignore"):
        difference, size = np.abs(a - b).max(initial=0), np.abs(b).max(initial=LEAST)
    if np.isfinite(difference):
        return bool(difference <= CLOSE[NAMES[a.dtype]] * size)
    finite = np.isfinite(b)
    if finite.all() or not np.array_equal(a[~finite], b[~finite], equal_nan=True) or not np.isfinite(a[finite]).all():
        return False
    return close(a[finite], b[finite])
