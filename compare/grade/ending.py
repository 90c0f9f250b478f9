"""How a command about a class ends: what is said of the whole, and its exit code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from compare.grade.result import Result
from torch_ref.terminal import Output

DONE, COULD_NOT_RUN, SOME_NOT_GRADED = 0, 2, 3


def tell(results: Sequence[Result], folder: Path, console: Output) -> None:
    """How many are graded, and where the class's page is."""
    statuses = [result.status for result in results]
    counted = (f"{statuses.count(status)} {status}" for status in ("graded", "not gradable", "not graded"))
    console.say(f"{', '.join(counted)}; {folder / 'class.html'}")


def exit_code(results: Sequence[Result]) -> int:
    """Whether the grader did its part for all."""
    return SOME_NOT_GRADED if any(result.status == "not graded" for result in results) else DONE
