"""What GitHub Classroom's reporter reads from a step's ``result`` output: JSON in base64.

It adds up the scores of the tests, and reports no points at all where ``max_score`` is 0: so it is, where the
result was not graded.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from compare.grade.formats.words import about, message, points, printed, score_of, title_of, told
from compare.grade.result import Graded, Result
from compare.grade.telling.clean import line

STATUS = {"passed": "pass", "failed": "fail", "not run": "error"}


def write(results: Sequence[Result], title: str, visibility: str) -> str:
    """The value of the output; of several, a JSON list of them."""
    values = [encoded(of(result, title, visibility)) for result in results]
    if len(values) == 1:
        return values[0] + "\n"
    students = [line(result.student) for result in results]
    whole = [{"student": s, "results": value} for s, value in zip(students, values, strict=True)]
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def encoded(report: dict[str, Any]) -> str:
    """As the step's output has it."""
    return base64.b64encode(json.dumps(report, allow_nan=False).encode()).decode()


def of(result: Result, title: str, visibility: str) -> dict[str, Any]:
    """One student's. The reporter shows all of it, so what may not be seen yet is not there."""
    seen = told(result, visibility)
    if seen.status != "graded":
        most = points(seen.max_score) if seen.status == "not gradable" else 0
        failed = _test("submission", "error", message(seen), 0.0, printed(seen))
        return {"version": 3, "status": "error", "message": message(seen), "max_score": most, "tests": [failed]}
    passed = all(check.status == "passed" for check in seen.checks)
    return {
        "version": 3,
        "status": "pass" if passed else "fail",
        "message": "\n\n".join(filter(None, (score_of(seen), message(seen)))),
        "max_score": points(seen.max_score),
        "tests": [_of_check(check) for check in seen.checks],
    }


def _of_check(check: Graded) -> dict[str, Any]:
    return _test(title_of(check), STATUS[check.status], about(check), points(check.points), check.status)


def _test(name: str, status: str, words: str, score: float, output: str) -> dict[str, Any]:
    test = {"name": name, "status": status, "message": words, "score": score, "output": output}
    return test | {"test_code": "", "task_id": 0, "filename": "", "line_no": 0, "duration": ""}
