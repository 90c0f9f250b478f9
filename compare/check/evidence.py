"""Whether an equation that no charge is laid to has really been seen to hold, to within rounding, and of real numbers.

A charge is laid by holding each equation against the values before it. Where δ is not shown it is read off ∇b, to some
digits only; and of zeros, or of one number everywhere, linear equations hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from compare.check.extremes import EXTREME, Cases
from compare.check.parts import Part
from compare.key import Key

FORWARD = frozenset({"z = wa + b", "a = σ(z)"})
BEFORE = {
    "BP1": FORWARD,
    "BP2": FORWARD | {"BP1"},
    "BP3": FORWARD | {"BP1", "BP2"},
    "BP4": FORWARD | {"BP1", "BP2"},
}


def unseen(equation: str, part: Part, charged: Collection[str], asked: Cases) -> bool:
    """Whether nothing shows that it holds, in a function that is wrong.

    Either all that it gives is one number, or is none; or its numbers are off, and no equation before it is charged; or
    it says no more than that some numbers are called δ.
    """
    if equation in BEFORE and (idle(equation, part, asked) or _of_any_delta(equation, part, charged, asked)):
        return True
    return equation in BEFORE and not BEFORE[equation] & set(charged) and not _within_rounding(equation, part)


def stays(part: Part, asked: Cases) -> bool:
    """Whether an update leaves all parameters as they were, in every case."""
    pairs = [
        (difference[0], getattr(asked[name][0], key.name)[key.layer - 1])
        for name, judged in part.judged.items()
        for key, difference in judged.differences.items()
        if key.equation == "SGD"
    ]
    return bool(pairs) and all(np.array_equal(after, before) for after, before in pairs)


def _of_any_delta(equation: str, part: Part, charged: Collection[str], asked: Cases) -> bool:
    """BP3, if no other equation holds; BP4 of a δ of one number; BP1 and BP2 of one read off a ∇b and not in ∇w."""
    if equation == "BP4":
        return _delta_is_idle(part, asked) and not _within_rounding(equation, part)
    if equation in ("BP1", "BP2"):
        return not _shows_delta(part) and "BP4" in charged and idle("BP3", part, asked)
    L = next(iter(asked.values()))[0].L
    return equation == "BP3" and only_calls_it_delta(charged, L) and not FORWARD & set(charged)


def _delta_is_idle(part: Part, asked: Cases) -> bool:
    """Whether δ is one number everywhere; or ∇b, where δ is not shown."""
    return all(idle(equation, part, asked) for equation in (("BP1", "BP2") if _shows_delta(part) else ("BP3",)))


def _shows_delta(part: Part) -> bool:
    return any(key.name == "deltas" for judged in part.judged.values() for key in judged.worst)


def only_calls_it_delta(charged: Collection[str], L: int) -> bool:
    """Whether no other equation of backprop holds: BP3 then says no more than that some numbers are called δ."""
    return {"BP1", "BP4"} | ({"BP2"} if L > 1 else set()) <= set(charged)


def idle(equation: str, part: Part, asked: Cases) -> bool:
    """Whether all that it gives is one number, or is none."""
    L = next(iter(asked.values()))[0].L
    arrays = [
        difference[0]
        for name, judged in part.judged.items()
        if name != EXTREME
        for key, difference in judged.differences.items()
        if key in _witnesses(equation, judged.worst, L)
    ]
    numbers = np.concatenate([array.ravel() for array in arrays]) if arrays else np.zeros(0)
    return bool(numbers.size) and (not np.isfinite(numbers).all() or (numbers.size > 1 and bool(np.ptp(numbers) == 0)))


def _within_rounding(equation: str, part: Part) -> bool:
    """Whether every layer's numbers are right in some case; of δ, where it is not shown, what is made of it.

    Where σ saturates, next to all derivatives are 0, and show nothing.
    """
    L = max(key.layer for judged in part.judged.values() for key in judged.worst)
    best: dict[int, float] = {}
    for judged in (judged for name, judged in part.judged.items() if name != EXTREME):
        for key in _witnesses(equation, judged.worst, L):
            best[key.layer] = min(best.get(key.layer, np.inf), judged.worst[key])
    return all(r <= 1 for r in best.values())


def _witnesses(equation: str, worst: Mapping[Key, float], L: int) -> Iterator[Key]:
    """The quantities that tell of an equation."""
    own = [key for key in worst if key.equation == equation]
    if own or equation not in ("BP1", "BP2"):
        yield from own
        return
    yield from (key for key in worst if key.equation in ("BP3", "BP4") and (key.layer == L) == (equation == "BP1"))
