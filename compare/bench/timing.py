"""Times of several functions, taken in turns so that the machine's moods fall on all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median


def in_turns(functions: Mapping[str, Callable[[], object]], rounds: int, calls: int) -> dict[str, list[float]]:
    """Seconds per call of each function, a number a round, after a round that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for counts in [False, *[True] * rounds]:
        for name, function in functions.items():
            start = time.perf_counter()
            for _ in range(calls):
                function()
            if counts:
                seconds[name].append((time.perf_counter() - start) / calls)
    return seconds


def ratio(seconds: Mapping[str, list[float]], of: str, to: str) -> float:
    """The median over the rounds of one time divided by the other of the same round."""
    return median(a / b for a, b in zip(seconds[of], seconds[to], strict=True))
