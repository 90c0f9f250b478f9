"""Hypotheses: the right computation with one mistake of the bank, or two, and which of them give what is observed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

import compare.diagnosis.bank  # noqa: F401 - fills MISTAKES
from compare.diagnosis.case import Case, Observed
from compare.diagnosis.derivation import Derivation, N
from compare.diagnosis.mistake import MISTAKES, Mistake
from compare.trace import Key, tensor

# Two hypotheses that differ at all are further apart than this on a probe, and rounding is much closer: by how much is
# measured in tests/test_probes.py (docs/decisions/0004).
CLOSE = {"float64": 1e-9, "float32": 1e-4}


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


def pairs(mistakes: Sequence[Mistake]) -> list[Hypothesis]:
    """Every two of those mistakes, each in all its layers; in both orders where they are made in the same equation."""
    return [
        (Made(a), Made(b))
        for a, b in permutations(mistakes, 2)
        if mistakes.index(a) < mistakes.index(b) or set(a.equations) & set(b.equations)
    ]


def explaining(
    hypotheses: Iterable[Hypothesis], asked: Sequence[tuple[Case, Observed]], n: float = N
) -> Iterator[Hypothesis]:
    """Those that give what is observed of every case, asked in that order."""
    return (hypothesis for hypothesis in hypotheses if explains(hypothesis, asked, n))


def explains(hypothesis: Hypothesis, asked: Sequence[tuple[Case, Observed]], n: float = N) -> bool:
    """Whether an implementation with those mistakes would show what is observed, to within rounding."""
    planted = [planted for made in hypothesis for planted in made.mistake.planted(made.layer)]
    derivation = Derivation(planted, n)
    try:
        return all(alike(observed, derivation.observe(case), observed.shown()) for case, observed in asked)
    except ValueError:  # it cannot be made with layers of these widths
        return False


def alike(actual: Observed, other: Observed, shown: Sequence[Key]) -> bool:
    """Whether all that is shown has the same shapes, and the same numbers to within rounding."""
    return all(close(tensor(actual.trace, key), tensor(other.trace, key)) for key in shown)


def close(a: np.ndarray, b: np.ndarray) -> bool:
    """The same shape, the same elements that are not finite, and the others apart by no more than rounding."""
    if a.shape != b.shape:
        return False
    finite = np.isfinite(b)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True) or not np.isfinite(a[finite]).all():
        return False
    size = np.abs(b[finite]).max(initial=0)
    return bool(np.abs(a[finite] - b[finite]).max(initial=0) <= CLOSE[a.dtype.name] * size)
