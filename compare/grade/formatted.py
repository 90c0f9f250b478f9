"""A student's result as other tools read it, beside the student's page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from compare.grade.assignment import Assignment
from compare.grade.formats import FORMATS
from compare.grade.result import Result
from compare.grade.telling.files import put_other
from compare.grade.telling.names import file_name

FILES = {
    "gradescope": "gradescope.json",
    "prairielearn": "prairielearn.json",
    "classroom": "classroom.txt",  # the value of a step's output, in base64
    "check50": "check50.json",
}  # of a student; those of a class are written in any case


def write_formats(folder: Path, result: Result, assignment: Assignment, names: Iterable[str]) -> None:
    """The student's files of these formats, but for those that are right already. Raises OSError."""
    for name in names:
        if name in FILES:
            text = FORMATS[name]([result], assignment.title, assignment.visibility)
            put_other(folder / file_name(result.student) / FILES[name], text)


def without_pictures(result: Result) -> Result:
    """All that the class's pages and tables have of it: a class can be large."""
    return replace(result, heatmaps={}, trajectory={})
