"""PrairieLearn's ``results.json``: what is not gradable costs no attempt, nor does what was not graded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compare.grade.formats.words import about, as_json, message, points, printed, told
from compare.grade.result import EQUATIONS, Graded, Result


def write(results: Sequence[Result], title: str, visibility: str) -> str:
    """``results.json``; of several, a list of them."""
    return as_json(of, results, title, visibility)


def of(result: Result, title: str, visibility: str) -> dict[str, Any]:
    """One student's. PrairieLearn shows all of it, so what may not be seen yet is not there."""
    seen = told(result, visibility)
    if seen.status != "graded":
        return {"gradable": False, "message": message(seen), "format_errors": [message(seen)], "output": printed(seen)}
    share = seen.score / seen.max_score if seen.max_score > 0 else 0.0
    return {
        "gradable": True,
        "score": points(max(0.0, min(1.0, share))),
        "message": message(seen),
        "output": printed(seen),
        "tests": [_test(check) for check in seen.checks],
    }


def _test(check: Graded) -> dict[str, Any]:
    return {
        "name": check.name,
        "description": EQUATIONS.get(check.name, ""),
        "points": points(check.points),
        "max_points": points(check.max_points),
        "message": about(check),
        "output": check.status,
    }
