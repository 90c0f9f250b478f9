"""The gradebook: CSV with a row for each student and a column for each equation, for a spreadsheet.

A cell that a spreadsheet would take for a formula begins with an apostrophe. What was not graded has no points,
which is not the same as none: its cells are empty.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from compare.grade.formats.words import points
from compare.grade.result import CHECKS, Result
from compare.grade.telling.clean import clean, line

FORMULAS = tuple("=+-@\t\r\n＝＋－＠")  # also as wide as a Chinese letter: some spreadsheets read those too


def write(results: Sequence[Result], title: str, visibility: str) -> str:
    """The table, which is the teacher's: visibility is for students."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerows(rows(results))
    return text.getvalue()


def rows(results: Sequence[Result]) -> Iterator[list[str]]:
    """The header, and each student's."""
    names = {check.name: None for result in results for check in result.checks}
    equations = [name for name in CHECKS if name in names] + [name for name in names if name not in CHECKS]
    header = ["student_id", "score", "max_score", "status", *equations, "mistakes", "message"]
    yield [safe(name) for name in header]
    for result in map(clean, results):
        yield _row(result, equations)


def _row(result: Result, equations: Sequence[str]) -> list[str]:
    if result.status == "not graded":
        numbers, of_checks = ["", ""], [""] * len(equations)
    else:
        earned = {check.name: f"{points(check.points):.10g}" for check in result.checks}
        score = result.score if result.status == "graded" else 0.0
        numbers = [f"{points(score):.10g}", f"{points(result.max_score):.10g}"]
        of_checks = [earned.get(name, "") for name in equations]
    mistakes = "; ".join(dict.fromkeys(mistake.name for mistake in result.mistakes))
    return [safe(result.student), *numbers, result.status, *of_checks, safe(mistakes), safe(result.message)]


def safe(words: str) -> str:
    """On one line, and no formula."""
    cell = line(words)
    return f"'{cell}" if words.startswith(FORMULAS) or cell.startswith(FORMULAS) else cell
