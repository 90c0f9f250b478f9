"""The files of a student and of the class: each whole, or as it was before.

A student's folder has ``page.html``, which is the student's, and ``result.json``, which is the teacher's: that one
names the mistakes. Beside the folders lie ``class.html``, ``gradebook.csv`` and ``junit.xml``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

from compare.grade.formats import gradebook, junit
from compare.grade.result import Result
from compare.grade.telling.class_page import class_page
from compare.grade.telling.clean import clean
from compare.grade.telling.names import file_name
from compare.grade.telling.student_page import student_page

TOKEN = 8  # bytes, two digits each, in the name of a file that is being written


def write_student(folder: Path, result: Result, title: str) -> Path:
    """Both files, in the student's folder under ``folder``, which is returned. Raises OSError."""
    own = folder / file_name(result.student)
    own.mkdir(parents=True, exist_ok=True)
    for left in own.glob(f".*.{'?' * 2 * TOKEN}"):  # by a run that was killed while it wrote
        left.unlink(missing_ok=True)
    put(own / "page.html", student_page(result, title))
    put(own / "result.json", replace(clean(result), student=result.student).as_json() + "\n")  # last: it is graded
    return own


def write_class(folder: Path, results: Sequence[Result], title: str) -> None:
    """The three files of the class. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    put(folder / "class.html", class_page(results, title))
    put(folder / "gradebook.csv", gradebook.write(results, title, "hidden"))
    put(folder / "junit.xml", junit.write(results, title, "hidden"))


def put(path: Path, text: str) -> None:
    """Write it beside, and put it in its place; what was there before stays until then, and where that fails."""
    beside = path.with_name(f".{path.name}.{token_hex(TOKEN)}")
    try:
        with beside.open("x", encoding="utf-8", errors="backslashreplace", newline="") as file:  # as JSON writes them
            file.write(text)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def put_other(path: Path, text: str) -> None:
    """Write it, unless that is what is there. Raises OSError."""
    try:
        there = path.read_bytes()
    except OSError:
        there = None
    if there != text.encode("utf-8", "backslashreplace"):
        put(path, text)
