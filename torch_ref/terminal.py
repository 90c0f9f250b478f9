"""The terminal of a command: what it prints to, and what Ctrl-C does to it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from rich.console import Console

WIDE = 140  # columns, where no terminal says how many it has
INTERRUPTED = 130  # 128 + SIGINT, as shells count


class Output(Console):
    """A console that leaves it to the program what to do where nobody reads on."""

    def on_broken_pipe(self) -> None:
        """Whoever read the output has seen enough; the exit code still tells."""

    def say(self, words: str, style: str | None = None) -> None:
        """Print words as they are: nothing in them is a colour, and no line is cut."""
        self.print(words, style=style, highlight=False, markup=False, soft_wrap=True)


def wide() -> Output:
    """An output whose tables are not cut where it is a file or a pipe."""
    console = Output()
    if not console.is_terminal:
        console.width = WIDE
    return console


@contextmanager
def one_interrupt() -> Iterator[None]:
    """Inside, the first Ctrl-C ends the work, and a second does not break off the report on it."""

    def first(_signal: int, _frame: object) -> NoReturn:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
