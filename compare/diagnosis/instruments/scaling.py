"""Scale fit: is a wrong tensor a multiple of the expected one, in every element, and what is the factor?

c* = ⟨g, g_ref⟩ / ‖g_ref‖², taken only where |g − c* g_ref| is within rounding for every element. Of w − w′ that is
(1 + |c*|) E: the difference is off by as much whatever c* is. A gradient's own rounding is c* times as large as well:
2 |c*| E, where c* is below 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np

from compare.diagnosis.case import Case, Observed
from compare.diagnosis.facts import CLOSE
from compare.diagnosis.instruments.factors import Named, factors, zero
from compare.diagnosis.instruments.quantity import Finding, Quantity, quantities
from compare.tolerance import Bounds
from compare.trace import Trace

FAMILIES = {
    ("deltas",): "δ, in every layer,",
    ("nabla_b", "nabla_w"): "the whole gradient",
    ("biases", "weights"): "the step w − w′ of all parameters",
}
OFF = 0.2  # a whole number has to be told from one that is off by this


def scale(case: Case, observed: Observed, expected: Trace, bound: Bounds) -> list[Finding]:
    """A finding for every tensor, or for all together, that is wrong and a multiple of what is expected."""
    shown = quantities(case, observed, expected, bound)
    families = [[quantity for quantity in shown if quantity.key.name in names] for names in FAMILIES]
    return [finding for family in families for finding in _of_group(case, family)]


def _of_group(case: Case, group: list[Quantity]) -> list[Finding]:
    """One finding, if one factor is that of all of them; or else what there is to say of its parts."""
    if all(quantity.right for quantity in group):
        return []
    if (fit := Fit.of(group)) and (sentence := _sentence(case, group, fit)):
        return [Finding("scale", group[0].key, sentence)]
    parts = _parts(group)
    return [finding for part in parts for finding in _of_group(case, part)] if len(parts) > 1 else []


def _parts(group: list[Quantity]) -> list[list[Quantity]]:
    """By name, if there are several, or else by layer."""
    ordered = sorted(group, key=lambda quantity: quantity.key.name)
    by_name = [list(part) for _, part in groupby(ordered, key=lambda quantity: quantity.key.name)]
    return by_name if len(by_name) > 1 else [[quantity] for quantity in group]


@dataclass(frozen=True, eq=False)
class Fit:
    """The tensors of a group, one after the other, and the factor c that fits them best."""

    actual: np.ndarray
    expected: np.ndarray
    allowed: np.ndarray
    c: float
    step: bool

    @classmethod
    def of(cls, group: list[Quantity]) -> Fit | None:
        """The fit, if it holds to within rounding, and 1 does not."""
        if any(quantity.actual.shape != quantity.expected.shape for quantity in group):
            return None
        arrays = [(quantity.actual, quantity.expected, quantity.allowed) for quantity in group]
        actual, expected, allowed = (np.concatenate([a.ravel() for a in part]) for part in zip(*arrays, strict=True))
        if not np.isfinite(actual).all() or not expected.any():
            return None
        size = np.abs(expected).max()  # ‖g_ref‖² of a gradient below 1e-154 is 0
        c = float((actual / size) @ (expected / size) / np.sum((expected / size) ** 2))
        fit = cls(actual, expected, allowed, c, group[0].key.equation == "SGD")
        return fit if fit.holds(fit.c) and not fit.holds(1.0) else None

    def holds(self, c: float) -> bool:
        """Whether each element is c times the expected one, as far as rounding can tell."""
        return bool((np.abs(self.actual - c * self.expected) <= self.slack(c) * self.allowed).all())

    def slack(self, c: float) -> float:
        """How many times the bound."""
        return 1 + abs(c) if self.step else min(1 + abs(c), 2 * abs(c))

    @property
    def seen(self) -> int:
        """How many elements stand out from the rounding: one of them has a factor, two have one in common."""
        return int((np.abs(self.c * self.expected) > 2 * self.slack(self.c) * self.allowed).sum())


def _sentence(case: Case, group: list[Quantity], fit: Fit) -> str | None:
    what = _what(group)
    if fit.holds(0.0):
        return f"{what} is 0 where it should not be; {zero(group[0].key)}"
    if names := _names(case, group, fit):
        words = ", or ".join(name.words for name in names[:3])
        questions = dict.fromkeys(name.question.removesuffix("?") for name in names[:3])
        return f"{what} is {number(names[0].value)} × the expected: {words}; {', or '.join(questions)}?"
    if fit.seen < 2:
        return None
    return f"{what} is {number(fit.c)} × the expected, exactly; which factor of the derivation is that?"


def _what(group: list[Quantity]) -> str:
    if len(group) == 1:
        return str(group[0])
    names = {quantity.key.name for quantity in group}
    if len(names) == 1 and (name := group[0].key.name) != "deltas":
        return f"the step w − w′ of {name}, in every layer," if name in ("biases", "weights") else f"every {name}"
    return next(words for family, words in FAMILIES.items() if names <= set(family))


def _names(case: Case, group: list[Quantity], fit: Fit) -> list[Named]:
    """The simplest names that the factor goes by: those of one factor, of two, or of a division by a whole number."""
    close = CLOSE[case.x.dtype.name]
    for names in factors(case, group[0].key):
        fitting = [name for name in names if abs(name.value - fit.c) <= close * abs(fit.c) and fit.holds(name.value)]
        if fitting:
            return fitting
    return _divided(case, fit) if fit.seen > 1 and group[0].key.name != "deltas" else []


def _divided(case: Case, fit: Fit) -> list[Named]:
    """c = m/n, where n is seen to be a whole number above m; of a sum, c = 1/n."""
    over = case.m / case.scale
    found = abs(over / fit.c) if abs(fit.c) > 1e-12 else 0.0
    n, sign = round(found), float(np.sign(fit.c))
    if n <= case.m or abs(found - n) > OFF / 10 or not fit.holds(sign * over / n):
        return []
    if any(fit.holds(sign * over / (n + off)) for off in (-OFF, OFF)):
        return []
    place = "where the cost is the sum" if case.summed else f"in place of m = {case.m}"
    words = f"as if divided by n = {n} {place}" + (", and the sign" if sign < 0 else "")
    return [Named(sign * over / n, words, "which number do you divide by?")]


def number(value: float) -> str:
    """Four digits, and a minus that can be seen."""
    return f"{value:.4g}".replace("-", "−", 1) if value < 0 else f"{value:.4g}"
