"""Readings: the costs whose gradient an implementation may have meant, and its gradient's sign.

A gradient that is not the stated cost's, but exactly another's, is a convention and no mistake. Which cost the gradient
belongs to, and which one the update steps down, are asked apart: many sum in the one and divide in the other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from compare.diagnosis.case import Case, Observed, Shown

Asked = Sequence[tuple[Case, Observed]]


@dataclass(frozen=True)
class Reading:
    """A cost and a sign: the gradient is sign × that of the mean, or sum, of factor/2 ‖y − a‖²."""

    factor: float = 1.0
    summed: bool = False
    sign: int = 1

    def __str__(self) -> str:
        """The cost."""
        cost = "Σ‖y − a‖²" if self.factor == 2 else "½ Σ‖y − a‖²"
        over = cost if self.summed else f"1/m · {cost}"
        return f"C = {over}"

    def case(self, case: Case) -> Case:
        """The case, with that cost."""
        return replace(case, factor=self.factor, summed=self.summed)

    def asked(self, asked: Asked) -> Asked:
        """Cases with that cost, and what was observed with that sign taken off."""
        return [(self.case(case), _signed(observed, self.sign)) for case, observed in asked]


def readings(stated: Reading, signs: Sequence[int] = (1, -1)) -> list[Reading]:
    """The stated one, and then all the others, the more likely first."""
    others = [Reading(factor, summed, sign) for sign, summed, factor in product(signs, (False, True), (1.0, 2.0))]
    return [stated, *(reading for reading in others if reading != stated)]


def only(observed: Observed, names: Collection[str]) -> Observed:
    """What is observed of those quantities."""
    trace = Shown()
    for name in ("zs", "activations", "deltas", "nabla_b", "nabla_w"):
        if name in names:
            setattr(trace, name, getattr(observed.trace, name))
    if observed.trace.after and "weights" in names:
        trace.after = observed.trace.after
    return Observed(trace, observed.faults)


def _signed(observed: Observed, sign: int) -> Observed:
    if sign == 1:
        return observed
    trace = replace(observed.trace)
    trace.deltas, trace.nabla_b, trace.nabla_w = map(_minus, (trace.deltas, trace.nabla_b, trace.nabla_w))
    return Observed(trace, observed.faults)


def _minus(layers: list[Any]) -> list[Any]:
    return [None if array is None else -array for array in layers]
