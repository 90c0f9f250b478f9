"""How far off the numbers of a check are, in a sentence for a student."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from compare.check.report import ROWS
from compare.check.subject import UPDATE
from compare.grade.judging.seen import FUNCTION, ROW, Seen

TINY = 1e-300  # in place of a bound of 0
UNSEEN = "it does not hold between the values that your code gives"


def off(name: str, seen: Seen) -> str:
    """Of a function of z one of its values; of an equation the largest error, where its own numbers are shown."""
    if function := next((one for one in seen.report.elementwise if one.name == name), None):
        return str(function)
    row = seen.row(name)
    shown = row is not None and row.worst is not None and np.isfinite(row.worst)
    found = next(filter(None, _errors(name, seen)), None) if shown else None
    if found is None:
        return UNSEEN
    error, size, bound = found
    return f"off by up to {error:.2g}, in numbers of up to {size:.2g}, where rounding explains {bound:.1g}"


def _errors(name: str, seen: Seen) -> Iterator[tuple[float, float, float] | None]:
    """Of each case that is wrong the largest error of a layer, the largest number that is right, and the bound."""
    parts, (_, equations) = seen.report.examination.parts, ROWS[ROW.get(name, name)]
    for judged in (parts.get(FUNCTION[name]) or parts[UPDATE]).judged.values():
        wrong = [key for key in judged.wrong() if key.equation in equations]
        found = [_largest(*judged.differences[key]) for key in wrong]
        yield max(found, key=lambda largest: largest[0] / (largest[2] or TINY), default=None)


def _largest(actual: np.ndarray, expected: np.ndarray, bound: np.ndarray) -> tuple[float, float, float]:
    return float(np.abs(actual - expected).max()), float(np.abs(expected).max()), float(np.max(bound))
