"""Batch algebra: what must hold between the gradients of mini-batches, whatever the network computes.

The same question has the same answer; the order of the examples changes nothing; a mini-batch has the mean, or the
sum, of what its parts have. The implementation is asked a few questions more, each time with arrays of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np

from compare.diagnosis.case import Case, Observed
from compare.diagnosis.derivation import Derivation
from compare.diagnosis.facts import CLOSE
from compare.diagnosis.instruments.quantity import Finding, Gradient, gradients
from compare.key import Key, tensor

Gradients = dict[Key, Gradient]


@runtime_checkable
class Subject(Protocol):
    """An implementation that can be asked. What it does wrong it has to show as faults, and not raise."""

    def observe(self, case: Case) -> Observed:
        """What it shows of the case."""


def batch(subject: Subject, case: Case, first: Observed) -> list[Finding]:
    """What does not hold between the gradients of mini-batches made of the case's examples, and ``first``, its own.

    Of an implementation that keeps something from call to call nothing else is said: its answers depend on it.
    """
    again = _ask(subject, case)
    if kept := _kept(case, first, again):
        return kept
    whole = _gradients(case, first)
    found = _other_bits(first, again) + _order(subject, case, whole)
    found += _parts(subject, case, whole) or _twice(subject, case, whole)
    return _kept(case, first, _ask(subject, case)) or found


def _ask(subject: Subject, case: Case, rows: Sequence[int] | None = None) -> Observed:
    """Ask of those of the case's examples, in that order."""
    chosen = list(range(case.m)) if rows is None else list(rows)
    weights, biases = [w.copy() for w in case.weights], [b.copy() for b in case.biases]
    return subject.observe(replace(case, weights=weights, biases=biases, x=case.x[chosen], y=case.y[chosen]))


def _gradients(case: Case, observed: Observed) -> Gradients:
    """∇b and ∇w, with the noise that sums of terms as large as the right ones have, where the terms cancel."""
    found, sizes = gradients(case, observed.trace), _sizes(case)
    close = CLOSE[case.x.dtype.name]
    return {key: gradient._replace(noise=gradient.noise + close * sizes[key]) for key, gradient in found.items()}


def _sizes(case: Case) -> dict[Key, float]:
    """The largest Σ|δ||a| of each tensor, over what the sum over the mini-batch is divided by."""
    right = Derivation().observe(case).trace
    below = [np.abs(case.x), *(np.abs(a[0]) for a in right.activations)]
    deltas = [np.abs(delta[0]) * (case.scale / case.m) for delta in right.deltas]
    b = {Key("BP3", "nabla_b", l): float(delta.sum(axis=0).max()) for l, delta in enumerate(deltas, start=1)}
    w = {Key("BP4", "nabla_w", l): float((deltas[l - 1].T @ below[l - 1]).max()) for l in range(1, case.L + 1)}
    return b | w


def _kept(case: Case, first: Observed, again: Observed) -> list[Finding]:
    """The same question, the same gradient."""
    apart = _apart(case, _gradients(case, first), _gradients(case, again))
    predicate = "was another when asked the same again: what is kept from call to call?"
    return [_say(apart, predicate)] if apart else []


def _other_bits(first: Observed, again: Observed) -> list[Finding]:
    """And of everything else that is shown, the same bits."""
    keys = [key for key in first.shown() if key in again.shown()]
    if not (other := [key for key in keys if not _same_bits(tensor(first.trace, key), tensor(again.trace, key))]):
        return []
    names = ", ".join(f"{key.name}[{key.layer}]" for key in other)
    sentence = f"{names} came with other bits when asked the same again: is anything random, or kept?"
    return [Finding("batch", other[0], sentence, exact=False)]


def _same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return np.array_equal(a, b, equal_nan=True)


def _order(subject: Subject, case: Case, whole: Gradients) -> list[Finding]:
    """All move by one place, and then all stand the other way round: what goes with the one is seen with the other."""
    rows = list(range(case.m))
    for order in ([*rows[1:], rows[0]], rows[::-1]):
        if apart := _apart(case, whole, _gradients(case, _ask(subject, case, order))):
            return [
                _say(apart, "depends on the order of the examples; does each of them count, and with its own target?")
            ]
    return []


# What the gradients of two parts come to, if that of m examples is their sum over m to the power of:
LAWS = {0: "the sum", 1: "the mean", 2: "divided by m twice, against the mean"}


def _parts(subject: Subject, case: Case, whole: Gradients) -> list[Finding]:
    """The mini-batch against its two halves, weighted by their sizes."""
    if case.m < 2:
        return []
    rows = range(case.m)
    halves = [rows[: case.m // 2], rows[case.m // 2 :]]
    found = [_gradients(case, _ask(subject, case, half)) for half in halves]
    return _law(case, whole, found, [len(half) for half in halves], "its two halves")


def _twice(subject: Subject, case: Case, whole: Gradients) -> list[Finding]:
    """The mini-batch repeated, against itself: as many examples again, and the same mean."""
    rows = [*range(case.m), *range(case.m)]
    return _law(
        case,
        _gradients(case, _ask(subject, case, rows)),
        [whole, whole],
        [case.m, case.m],
        "the same examples once",
        True,
    )


def _law(
    case: Case, whole: Gradients, parts: list[Gradients], sizes: list[int], of: str, repeated: bool = False
) -> list[Finding]:
    """Whether the whole is the sum, or the mean, of its parts; and if it is another one, which."""
    should = 0 if case.summed else 1
    if not (apart := _apart(case, whole, _together(parts, sizes, should))):
        return []
    other = [power for power in LAWS if power != should and not _apart(case, whole, _together(parts, sizes, power))]
    what = f"of the mini-batch {'repeated twice ' if repeated else ''}is not {LAWS[should]} of those of {of}"
    if other:
        return [_say(apart, f"{what}, but {LAWS[other[0]]}; what do you divide by?", exact=True)]
    return [_say(apart, f"{what}; what does an example's part in it depend on?")]


def _together(parts: list[Gradients], sizes: list[int], power: int) -> Gradients:
    """Σ (mᵢ/m)ᵖ gᵢ for each tensor that all parts have; the noise is as large as the largest of its terms."""
    weights = [(size / sum(sizes)) ** power for size in sizes]
    keys = [key for key in parts[0] if all(key in part for part in parts)]
    together = {}
    for key in keys:
        terms = [weight * part[key].value for weight, part in zip(weights, parts, strict=True)]
        noise = sum(weight * part[key].noise for weight, part in zip(weights, parts, strict=True))
        together[key] = Gradient(np.sum(terms, axis=0), noise)
    return together


def _apart(case: Case, one: Gradients, other: Gradients) -> list[Key]:
    """The tensors of both that are apart by more than rounding."""
    return [key for key in one if key in other and not _near(one[key], other[key], CLOSE[case.x.dtype.name])]


def _near(one: Gradient, other: Gradient, close: float) -> bool:
    """Apart by no more than a small part of the largest element; what is not finite in both is alike."""
    if one.value.shape != other.value.shape:
        return False
    if np.array_equal(one.value, other.value, equal_nan=True):
        return True
    size = max(float(np.abs(a).max()) for a in (one.value, other.value))
    with np.errstate(invalid="ignore"):
        return bool((np.abs(one.value - other.value) <= close * size + one.noise + other.noise).all())


def _say(keys: list[Key], predicate: str, *, exact: bool = False) -> Finding:
    names = [f"{key.name}[{key.layer}]" for key in keys]
    return Finding("batch", keys[0], f"the gradient ({', '.join(names)}) {predicate}", exact)
