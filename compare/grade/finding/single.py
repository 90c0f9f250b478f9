"""One student's files, where nothing says whose they are: a file given by itself, or what a platform has unpacked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from compare.grade.finding.choosing import File, of_student
from compare.grade.finding.entries import Entry, from_disk, on_disk
from compare.grade.submitted import Submitted
from compare.grade.words import printable

PYTHON = (".py", ".ipynb")


def one(path: Path, student: str, wanted: str = "") -> Submitted:
    """A file, or all that is below a folder, as that student's; ``wanted`` is the file that counts, if there are more.

    Raises OSError if the folder cannot be read.
    """
    entries: Iterable[Entry] = [_entry(path)] if path.is_file() else on_disk(path)
    files = [File(entry, entry.path) for entry in entries]
    if not files:
        return Submitted(student, b"", "", "there is no file; hand in one")
    return of_student(student, files, wanted)


def given(path: Path, wanted: str = "") -> list[Submitted]:
    """The file itself, if it is one of Python; its name is the student's."""
    return [one(path, printable(path.stem), wanted)] if path.suffix.lower() in PYTHON and path.is_file() else []


def _entry(path: Path) -> Entry:
    real = str(path.resolve())  # whoever gives the file may give a link to it
    return Entry(path.name, lambda most: from_disk(real, most))
