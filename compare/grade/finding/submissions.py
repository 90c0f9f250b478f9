"""A class's submissions: whose is which file.

A student whose files cannot be graded has a problem, in a sentence, and the others go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from compare.grade.finding.choosing import File, of_student
from compare.grade.finding.entries import Entry, on_disk
from compare.grade.finding.gradescope import METADATA, submitters
from compare.grade.finding.zips import exported
from compare.grade.submitted import Submitted
from compare.grade.words import printable

NO_SUBMISSION = (".csv", ".xlsx", ".yml", ".yaml", ".toml", ".json", ".md", ".html")  # beside a class's, a teacher's
LAYOUTS = [  # each finds a student in a path, and what the student's own file is called; the first that does is it
    re.compile(layout, re.DOTALL | re.IGNORECASE)
    for layout in (  # only from the path's begin on: what is further in, its student has named
        r"^(?P<student>[^/]+?_\d+)_assignsubmission_[a-z]+_?/?(?P<file>.*)",  # Moodle
        r"^(?P<student>[^/]+?)(?:_LATE)?_(?P<number>\d+)_(?P<turn>\d{1,18})_(?P<file>[^/]+)\Z",  # Canvas
        r"^(?P<student>submission_\d+)(?:/|\.)(?P<file>.*)",  # Gradescope
        r"^submitted/(?P<student>[^/]+)/(?P<file>.*)",  # nbgrader
    )
]
PLAIN = re.compile(r"^(?P<student>[^/]+?)(?:\.(?:py|ipynb|zip))?(?:/(?P<file>.*))?\Z", re.DOTALL | re.IGNORECASE)
AGAIN = re.compile(r"-(\d{1,18})(?=\.\w+\Z)")  # what Canvas adds to the name of a file that is handed in again


def find(folder: Path, pattern: str = "", file: str = "") -> list[Submitted]:
    """All the students in a folder of files, of folders or of zips, or in one zip with all that; by their names.

    pattern  a regular expression, whose group ``student`` is searched in a file's path; without one, the student is
             who Canvas, Moodle, Gradescope or nbgrader says, or else the first part of the path, without its ending
    file     which of several files of a student is the one; its name, or the end of its path

    Raises OSError if the folder, or the zip, cannot be read.
    """
    with _entries(folder) as entries:
        files = _by_student(entries, pattern)
        found = [of_student(label, files[who], file) for who, label in _labels(files).items()]
    return sorted(found, key=lambda submitted: submitted.student)


@contextmanager
def _entries(folder: Path) -> Iterator[list[Entry]]:
    """A folder's, or a zip's; and those of the zip that is all that a folder has, if it is a whole class's."""
    with ExitStack() as stack:
        if folder.is_file():
            yield _unwrapped(stack.enter_context(exported(folder)), is_zip=True)
            return
        entries = list(on_disk(folder))
        if len(entries) == 1 and re.fullmatch(r"(?i)[^/]+\.zip", entries[0].path) and not entries[0].problem:
            with suppress(OSError):  # then it is a student's, who will be told
                inside = _unwrapped(stack.enter_context(exported(folder / entries[0].path)), is_zip=True)
                zips = sum(entry.path.lower().endswith(".zip") for entry in inside)
                entries = inside if zips > 1 or _has_layout(inside) else entries
        yield _unwrapped(entries, is_zip=False)


def _has_layout(entries: Iterable[Entry]) -> bool:
    return any(layout.search(entry.path) for layout in LAYOUTS for entry in entries)


def _unwrapped(entries: list[Entry], is_zip: bool) -> list[Entry]:
    """Without the one folder that all others lie in, if an export lies in it, or if it is what was zipped."""
    around = {entry.path.partition("/")[0] for entry in entries}
    inner = [replace(entry, path=entry.path.partition("/")[2]) for entry in entries]
    if len(around) != 1 or not all(entry.path for entry in inner) or _has_layout(entries):
        return entries
    several = len({entry.path.partition("/")[0] for entry in inner}) > 1
    return inner if _has_layout(inner) or (is_zip and several) else entries


def _by_student(entries: list[Entry], pattern: str) -> dict[str, list[File]]:
    """The files of each student, by what the path, or Gradescope, calls them."""
    known = {} if pattern else submitters(entries)
    files: dict[str, list[File]] = {}
    for entry in entries:
        if not _is_the_teachers(entry.path):
            student, file = _by_pattern(entry, pattern) if pattern else _by_layout(entry)
            for who in known.get(student, [student]):
                files.setdefault(who, []).append(file)
    return files


def _is_the_teachers(path: str) -> bool:
    beside = "/" not in path and path.lower().endswith(NO_SUBMISSION)
    return path == METADATA or (beside and not _has_layout([Entry(path)]))


def _by_pattern(entry: Entry, pattern: str) -> tuple[str, File]:
    found = re.search(pattern, entry.path)
    if found and found["student"]:
        return found["student"], File(entry, entry.path)
    problem = f"the assignment's pattern student finds nobody in its path, {printable(entry.path)}; mend the pattern"
    return entry.path.partition("/")[0], File(replace(entry, problem=problem), entry.path)


def _by_layout(entry: Entry) -> tuple[str, File]:
    found = next(match for layout in (*LAYOUTS, PLAIN) if (match := layout.search(entry.path)))
    groups = found.groupdict()
    name = groups["file"] or entry.path
    if "turn" not in groups:
        return groups["student"], File(entry, name)
    again = AGAIN.search(name)
    turn = (int(again[1]) if again else 0, int(groups["turn"]))
    return f"{groups['student']}_{groups['number']}", File(entry, AGAIN.sub("", name), turn)


def _labels(students: Iterable[str]) -> dict[str, str]:
    """Each as it can be shown, and no two alike: nobody can take another's name by a character that is not seen."""
    taken: dict[str, str] = {}
    for student in sorted(students, key=lambda student: (printable(student) != student, student)):
        label, number = printable(student) or "nameless", 1
        while label in taken.values():
            label, number = f"{printable(student, 90) or 'nameless'} ({number + 1})", number + 1
        taken[student] = label
    return taken
