"""JSON as check50 writes it: passed is true, false, or null for what was not run; a fault of the grader is an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compare.grade.formats.words import NOT_GRADED, about, as_json, message, points, title_of, told
from compare.grade.result import Graded, Result
from compare.grade.telling.clean import line

VERSION = "3.0.0"  # of check50's specification
PASSED = {"passed": True, "failed": False, "not run": None}
SUBMISSION = "submission"  # the check that all others depend on


def write(results: Sequence[Result], title: str, visibility: str) -> str:
    """The file; of several students, a list of them."""
    return as_json(of, results, title, visibility)


def of(result: Result, title: str, visibility: str) -> dict[str, Any]:
    """One student's. Everything is shown, so what may not be seen yet is not there."""
    seen, whole = told(result, visibility), {"slug": line(title), "version": VERSION}
    if seen.status == "not graded":
        error = {"type": "GraderError", "value": NOT_GRADED, "traceback": [], "data": {}}
        return whole | {"error": error | {"actions": {"show_traceback": False, "message": NOT_GRADED}}}
    runs = seen.status == "graded"
    help_ = "\n\n".join(seen.shown) or None
    first = _result(SUBMISSION, "the file can be run", runs, None if runs else message(seen), None, None)
    first["log"] = seen.conventions
    return whole | {"results": [first, *(_of_check(check, runs, help_) for check in seen.checks)]}


def _of_check(check: Graded, runs: bool, help_: str | None) -> dict[str, Any]:
    passed = PASSED[check.status] if runs else None
    why = None if passed else about(check) or check.status
    found = _result(check.name, title_of(check), passed, why, help_ if passed is False else None, SUBMISSION)
    found["data"] = {"points": points(check.points), "max_points": points(check.max_points), "carried": check.carried}
    return found


def _result(
    name: str, description: str, passed: bool | None, why: str | None, help_: str | None, dependency: str | None
) -> dict[str, Any]:
    cause = None if why is None else {"rationale": why, "help": help_}
    found: dict[str, Any] = {"name": name, "description": description, "passed": passed, "log": []}
    return found | {"cause": cause, "data": {}, "dependency": dependency}
