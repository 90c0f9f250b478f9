"""Blame by equation: each one is held against the implementation's *own* values before it, so that an early mistake
costs one line, and not every line after it.

An equation holds if it holds from any mixture of own values and right ones: some implementations work a quantity out
twice, and only one of the two need be wrong. The bound is that of the same formula with every term positive.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from compare.diagnosis.case import Case, Observed, Shown
from compare.diagnosis.judging import ratios
from compare.diagnosis.own_values import Right, equation, primes
from compare.key import Key, find, keys, tensor
from compare.precision import PRECISIONS
from compare.trace import Trace

ROUNDINGS = 24  # of one term of a sum: those of σ, of σ′, and of a few factors


@dataclass(frozen=True)
class Charge:
    """An equation that does not hold between the values that an implementation shows, by ``worst`` times its bound."""

    key: Key
    worst: float


def charges(
    case: Case,
    observed: Observed,
    expected: Trace,
    examples: list[Observed] | None = None,
    least: float = 0.0,
    own_primes: Sequence[np.ndarray] = (),
) -> list[Charge]:
    """The equations that fail, in the order of computation.

    ``examples`` is what is observed of each example of the case alone: it shows δ, as ∇b, where δ is not returned.
    ``least`` is a bound in units of the largest term, for values that were worked out from others.
    ``own_primes`` is what the implementation takes σ′ to be, layer by layer, if that is known.
    """
    order = list(keys(case.L))
    trace, of_examples = _with_deltas(observed.trace, case, examples)
    shown = [key for key in Observed(trace).shown() if key.name not in ("zs", "cost", "nabla_a")]
    with np.errstate(all="ignore"):
        held = Held(case, trace, expected, least, own_primes)
        found = [Charge(key, worst) for key in shown if not (worst := held.worst(key)) <= 1]
        if of_examples:
            found = [_of_the_bias(held, charge) for charge in found]
    misshapen = observed.misshapen(case.L)
    found = [charge for charge in found if not set(equation(charge.key, case.L)[1]) & {k[1:] for k in misshapen}]
    found += [Charge(key, np.inf) for key in misshapen]
    return sorted({charge.key: charge for charge in found}.values(), key=lambda charge: order.index(charge.key))


def _with_deltas(trace: Trace, case: Case, examples: list[Observed] | None) -> tuple[Trace, bool]:
    if trace.deltas or not examples or not all(_has_biases(e.trace, case.L) for e in examples):
        return trace, False
    layers = [np.concatenate([e.trace.nabla_b[l] for e in examples])[None] for l in range(case.L)]
    return replace(trace, deltas=layers), True


def _has_biases(trace: Trace, L: int) -> bool:
    return len(trace.nabla_b) == L and all(nabla is not None for nabla in trace.nabla_b)


def read_off(case: Case, observed: Observed) -> Observed:
    """The gradient (w − w′)/η of an implementation that shows its update only."""
    trace, after = Shown(activations=observed.trace.activations), observed.trace.after
    if after is not None:
        trace.nabla_w = _read(case, case.before.weights, after.weights)
        trace.nabla_b = _read(case, case.before.biases, after.biases)
    return Observed(trace, observed.faults)


def _read(case: Case, before: list[np.ndarray], after: list[Any]) -> list[Any]:
    return [None if new is None else (old - new) / case.eta for old, new in zip(before, after, strict=False)]


def _of_the_bias(held: Held, charge: Charge) -> Charge:
    """Where δ is known as ∇b only and ∇w has the right δ in it, it is BP3 that went wrong."""
    l = charge.key.layer
    nabla_w = Key("BP4", "nabla_w", l)
    if charge.key.name != "deltas" or find(held.trace, nabla_w) is None:
        return charge
    if replace(held, trace=replace(held.trace, deltas=[])).worst(nabla_w) <= 1:
        return Charge(Key("BP3", "nabla_b", l), charge.worst)
    return charge


@dataclass(frozen=True)
class Held:
    """What an implementation shows of a case, and what is right."""

    case: Case
    trace: Trace
    expected: Trace
    least: float
    own_primes: Sequence[np.ndarray]

    def worst(self, key: Key) -> float:
        """The largest difference in units of its bound, from the mixture of own values and right ones that fits."""
        right, parts = equation(key, self.case.L)
        actual = tensor(self.trace, key)[0]
        choices = [list(self._values(name, layer)) for name, layer in parts]
        ratios = [self._ratio(actual, right(self.case, key.layer, *values)) for values in product(*choices)]
        return min(ratios, default=np.inf)

    def _values(self, name: str, layer: int) -> Iterator[Any]:
        if layer == 0:
            yield self.case.x
            return
        if name == "primes":
            yield from (Right(prime, np.abs(prime), 1) for prime in self.own_primes[layer - 1 : layer])
            for a, a_below in product(self._values("activations", layer), self._values("activations", layer - 1)):
                yield from primes(self.case, layer, a, a_below)
            return
        for trace in (self.trace, self.expected):
            if (array := find(trace, Key("", name, layer))) is not None:
                yield array[0]

    def _ratio(self, actual: np.ndarray, right: Right) -> float:
        u = PRECISIONS[self.case.x.dtype.name].u
        allowed = (right.terms + ROUNDINGS) * u * right.size + self.least * np.max(right.size)
        its_own_nan = np.isnan(actual) & np.isnan(right.value)  # which is right
        return float(np.where(its_own_nan, 0, ratios(actual, right.value, allowed)).max())
