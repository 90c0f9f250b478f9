"""Gradescope's ``results.json``.

A result that was not graded has neither a score nor tests. Gradescope asks for one of the two, and tells of an
autograder that failed where it finds neither: that is what happened, and a zero would be a grade.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compare.grade.formats.words import about, as_json, message, points, printed, title_of, told
from compare.grade.result import Graded, Result


def write(results: Sequence[Result], title: str, visibility: str) -> str:
    """``results.json``; of several, a list of them."""
    return as_json(of, results, title, visibility)


def of(result: Result, title: str, visibility: str) -> dict[str, Any]:
    """One student's. Gradescope does the hiding, so that the reasons are there when they may be seen."""
    seen = told(result)
    whole: dict[str, Any] = {
        "output": _output(seen),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "execution_time": points(seen.seconds),
        "stdout_visibility": "hidden",
        "extra_data": {"status": seen.status, "key": seen.key},
    }
    if seen.status == "not graded":
        return whole | {"visibility": "visible"}
    tests = [_test(number, check, visibility) for number, check in enumerate(seen.checks, 1)]
    score = points(seen.score) if seen.status == "graded" else 0.0
    return whole | {"score": score, "visibility": visibility, "tests": tests}


def _output(seen: Result) -> str:
    said = printed(seen).strip()
    return "\n\n".join(filter(None, (message(seen), f"What the program printed:\n{said}" if said else "")))


def _test(number: int, check: Graded, visibility: str) -> dict[str, Any]:
    """Gradescope knows passed and failed only: what was not run says so in its name, its tags and its output."""
    not_run = " (not run)" if check.status == "not run" else ""
    return {
        "name": f"{title_of(check)}{not_run}",
        "number": str(number),
        "score": points(check.points),
        "max_score": points(check.max_points),
        "status": "passed" if check.status == "passed" else "failed",
        "output": about(check),
        "output_format": "text",
        "tags": [check.status, *(["carried forward"] if check.carried else [])],
        "visibility": visibility,
    }
