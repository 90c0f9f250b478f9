"""What the formats say alike: to the student, about a check, and as JSON of one result or of several."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from compare.grade.result import EQUATIONS, Graded, Result
from compare.grade.telling.clean import clean, line, number, times
from compare.grade.words import shorten

Of = Callable[[Result, str, str], dict[str, Any]]

NOT_GRADED = (
    "Not graded: something went wrong in the grader. This is not your fault, and it costs you no points. "
    "Tell your teacher, who can have it graded again."
)
NOT_GRADABLE = "Not gradable: the file could not be run. Run it on your own computer, mend it, and hand it in again."
MOST = 20_000  # characters of a text


def told(result: Result, visibility: str = "visible") -> Result:
    """Clean, without the names of the mistakes; and without the reasons, where the student is not to see them yet."""
    told = clean(replace(result, mistakes=[]))
    if visibility == "visible":
        return told
    checks = [replace(check, reason="", worst=None) for check in told.checks]
    return replace(told, checks=checks, shown=[], conventions=[], printed="")


def message(result: Result) -> str:
    """To the student, about the whole: what came, what is known of the mistake, and what was taken into account."""
    if result.status == "not graded":
        return NOT_GRADED
    first = NOT_GRADABLE if result.status == "not gradable" else ""
    return shorten("\n\n".join(filter(None, (first, result.message, *result.shown, *result.conventions))), MOST)


def printed(result: Result) -> str:
    """What the program printed, and not more than can be read; nothing where the grader broke down."""
    return shorten(result.printed, MOST) if result.status != "not graded" else ""


def title_of(check: Graded) -> str:
    """The name, and the equation."""
    equation = EQUATIONS.get(check.name, "")
    return f"{check.name}: {equation}" if equation else check.name


def about(check: Graded) -> str:
    """Why it came to that, as far as there is anything to say."""
    carried = "Credit carried forward" if check.carried else ""
    why = check.reason
    if not why and check.status == "failed" and check.worst is not None:
        why = f"the largest error is {times(check.worst)}"
    if not why and check.status == "not run":
        why = "not run"
    return shorten(": ".join(filter(None, (carried, why))), 2000)


def points(value: float) -> float:
    """Without the last digits, which are of adding."""
    return round(value, 6)


def as_json(of: Of, results: Sequence[Result], title: str, visibility: str) -> str:
    """The file of one result; of none or of several, a list of them."""
    files = [of(result, title, visibility) for result in results]
    students = [line(result.student) for result in results]
    whole = (
        files[0] if len(files) == 1 else [{"student": s, "results": f} for s, f in zip(students, files, strict=True)]
    )
    return json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def score_of(result: Result) -> str:
    """The score for people."""
    return f"{number(result.score)} of {number(result.max_score)} points"
