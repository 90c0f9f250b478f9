"""Hypotheses: the right computation with one mistake of the bank, or two, and which of them give what is observed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

import compare.diagnosis.bank  # noqa: F401 - fills MISTAKES
from compare.diagnosis.case import Case, Observed
from compare.diagnosis.derivation import Derivation
from compare.diagnosis.mistake import MISTAKES, Mistake
from compare.key import Key, find, tensor

# Two hypotheses that differ at all are further apart than this on a probe, and rounding is much closer: by how much is
# measured in tests/test_probes.py (docs/decisions/0004).
LEAST = 1e-3  # the size that a saturated tensor is taken to have at least: σ may be worked out from numbers near 1
CLOSE = {"float64": 1e-9, "float32": 8e-6}
NOT_SHOWN: tuple[None, Any, None] = (None, None, None)
NAMES = {np.dtype(name): name for name in CLOSE}  # a dtype takes long to tell its own


@dataclass(frozen=True)
class Made:
    """A mistake, made in that layer only, or in every layer that its equations are for."""

    mistake: Mistake
    layer: int | None = None

    def __str__(self) -> str:
        """Its name, and the layer."""
        return self.mistake.name + (f" (layer {self.layer})" if self.layer else "")


Hypothesis = tuple[Made, ...]


def singles(L: int) -> list[Hypothesis]:
    """Every mistake in all its layers, and then in one of them only."""
    everywhere: list[Hypothesis] = [(Made(mistake),) for mistake in MISTAKES.values()]
    return everywhere + [
        (Made(mistake, layer),)
        for mistake in MISTAKES.values()
        if len(layers := mistake.layers(L)) > 1
        for layer in layers
    ]


def derivation_of(hypothesis: Hypothesis) -> Derivation:
    """The right computation with those mistakes made in it."""
    return Derivation([planted for made in hypothesis for planted in made.mistake.planted(made.layer)])


@dataclass(frozen=True)
class Fact:
    """What is observed of one case, by parts: the quantities that came, and those that came in a wrong shape."""

    case: Case
    came: dict[str, list[tuple[Key, np.ndarray]]]
    misshapen: dict[str, list[Key]]

    @cached_property
    def parts(self) -> dict[tuple[str, int], tuple[str, Key, np.ndarray | None]]:
        """By name and layer: the part, the key, and what came, None if that was misshapen."""
        came = {key[1:]: (part, key, array) for part, shown in self.came.items() for key, array in shown}
        return came | {key[1:]: (part, key, None) for part, keys in self.misshapen.items() for key in keys}


def fact(case: Case, observed: Observed, parts: Mapping[str, Collection[str]]) -> Fact:
    """``parts``: the names of the quantities of each."""
    came = [(key, tensor(observed.trace, key)) for key in observed.shown()]
    misshapen = observed.misshapen(case.L)
    return Fact(
        case,
        {part: [(key, array[0]) for key, array in came if key.name in names] for part, names in parts.items()},
        {part: [key for key in misshapen if key.name in names] for part, names in parts.items()},
    )


def explained(hypothesis: Hypothesis, facts: Sequence[Fact], needed: Collection[str]) -> set[str]:
    """The parts that an implementation with those mistakes would show as they are; none if none of those needed."""
    derivation, found = derivation_of(hypothesis), set(facts[0].came)
    with np.errstate(all="ignore"):
        for fact in facts:
            if not (found := _explained(derivation, fact, found, set(needed))):
                break
    return found


def _explained(derivation: Derivation, fact: Fact, parts: set[str], needed: set[str]) -> set[str]:
    """Those of one case: most hypotheses fail at the first quantities, and what comes after is not worked out."""
    left = set(parts)
    try:
        for name, l, array in derivation.quantities(fact.case):
            part, key, came = fact.parts.get((name, l), NOT_SHOWN)
            if part in left and not _alike(fact, key, came, array):
                left.remove(part)
                if left.isdisjoint(needed):
                    return set()
    except ValueError:  # it cannot be made with layers of these widths
        return left if any(fact.misshapen.values()) else set()
    return left


def unlike(fact: Fact, part: str, other: Observed) -> Iterator[Key]:
    """What has other numbers than came, to within rounding, or the right shape where a wrong one came."""
    for of, key, came in fact.parts.values():
        if of == part and ((b := find(other.trace, key)) is None or not _alike(fact, key, came, b[0])):
            yield key


def _alike(fact: Fact, key: Key, came: np.ndarray | None, array: np.ndarray) -> bool:
    return array.shape != fact.case.shape(key) if came is None else close(came, array)


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
