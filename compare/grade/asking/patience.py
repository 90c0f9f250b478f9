"""Loading is broken off where it takes too long, as a file does that trains at its end: it is graded by what it has."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN = 0.1  # of that time: code that catches whatever is raised is told once more


class TakesTooLong(BaseException):
    """Loading did; says after how many seconds."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises TakesTooLong in what runs here, once it has taken so long, and again while that does not end."""

    def tell(_number: int, _frame: FrameType | None) -> None:
        raise TakesTooLong(f"{seconds:g} s")

    before = signal.signal(signal.SIGALRM, tell)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
