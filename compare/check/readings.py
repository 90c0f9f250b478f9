"""Readings: the costs whose gradient an implementation may have meant, and its gradient's sign.

A gradient that is not the stated cost's, but exactly another's, is a convention and no mistake. Which cost the gradient
belongs to, and which one the update steps down, are asked apart: many sum in the one and divide in the other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any

from compare.diagnosis.case import Case, Observed, Shown
from compare.submission.conventions import Conventions

Asked = Sequence[tuple[Case, Observed]]


@dataclass(frozen=True)
class Reading:
    """A cost and a sign: the gradient is sign × that of the mean, or sum, of factor/2 ‖y − a‖².

    ``shared``: δ is that of the mini-batch's mean, 1/m of one example's, and the gradient is its sum.
    """

    factor: float = 1.0
    summed: bool = False
    sign: int = 1
    shared: bool = False

    @classmethod
    def stated(cls, conventions: Conventions) -> Reading:
        """That of the cost which they state."""
        return cls(conventions.factor, conventions.summed)

    def __str__(self) -> str:
        """The cost."""
        cost = "Σ‖y − a‖²" if self.factor == 2 else "½ Σ‖y − a‖²"
        over = cost if self.summed else f"1/m · {cost}"
        return f"C = {over}"

    def case(self, case: Case) -> Case:
        """The case, with that cost."""
        same = (case.factor, case.summed) == (self.factor, self.summed)
        return case if same else _with_cost(case, self.factor, self.summed)

    def asked(self, asked: Asked) -> Asked:
        """Cases with that cost, and what was observed with that sign taken off, and with δ of one example."""
        return [(self.case(case), self._canonical(case, observed)) for case, observed in asked]

    def _canonical(self, case: Case, observed: Observed) -> Observed:
        if self.sign == 1 and not self.shared:
            return observed
        trace, delta = replace(observed.trace), self.sign * (case.m if self.shared else 1)
        trace.deltas = _times(delta, trace.deltas)
        trace.nabla_b, trace.nabla_w = _times(self.sign, trace.nabla_b), _times(self.sign, trace.nabla_w)
        return Observed(trace, observed.faults)


@lru_cache(maxsize=64)
def _with_cost(case: Case, factor: float, summed: bool) -> Case:
    """The same object each time: what autograd says of it is worked out once."""
    return replace(case, factor=factor, summed=summed)


def readings(stated: Reading, signs: Sequence[int] = (1, -1)) -> list[Reading]:
    """The stated one, and then all the others, the more likely first."""
    others = [Reading(factor, summed, sign) for sign, summed, factor in product(signs, (False, True), (1.0, 2.0))]
    return [stated, *(reading for reading in others if reading != stated)]


def with_shared(found: Sequence[Reading]) -> list[Reading]:
    """After them, those of a mean with a δ that is divided by m already."""
    return [*found, *(replace(reading, shared=True) for reading in found if not reading.summed)]


def only(observed: Observed, names: Collection[str]) -> Observed:
    """What is observed of those quantities."""
    trace = Shown()
    for name in ("zs", "activations", "deltas", "nabla_b", "nabla_w"):
        if name in names:
            setattr(trace, name, getattr(observed.trace, name))
    if observed.trace.after and "weights" in names:
        trace.after = observed.trace.after
    return Observed(trace, observed.faults)


def _times(factor: int, layers: list[Any]) -> list[Any]:
    return [None if array is None else factor * array for array in layers]
