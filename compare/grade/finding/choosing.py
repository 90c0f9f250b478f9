"""Which of a student's files is the one to grade, and its text.

Of two files that Canvas says a student handed in under one name, the later is taken; of several Python files, the one
that defines the most of what is asked for. In all else, two are a problem.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from compare.grade.finding.beside import MOST_FILES, beside
from compare.grade.finding.defining import most
from compare.grade.finding.entries import MB, Entry, Refused
from compare.grade.finding.notebook import NotebookError, python_of
from compare.grade.finding.zips import MOST_INFLATED, inflated
from compare.grade.submitted import Submitted

MOST_SOURCE = 10 * MB
MOST_NOTEBOOK = 20 * MB  # with its pictures
GRADED = (".py", ".ipynb", ".zip")


@dataclass(frozen=True)
class File:
    """An entry, and what its student called it; ``turn`` puts those that Canvas renamed in order."""

    entry: Entry
    name: str
    turn: tuple[int, int] | None = None

    def is_called(self, wanted: str) -> bool:
        """Whether that is its name, or the end of its path."""
        return any(f"/{path}".endswith(f"/{wanted}") for path in (self.name, self.entry.path))


def of_student(student: str, files: list[File], wanted: str) -> Submitted:
    """What the student handed in with those files; ``wanted`` is the one that counts, if there are more."""
    entry = files[0].entry
    try:
        for file in files:
            if file.entry.problem:
                entry = file.entry
                raise Refused(entry.problem)
        chosen = _chosen(files, wanted, GRADED)
        entry = chosen.entry
        if entry.path.lower().endswith(".zip"):
            files = [File(member, member.path) for member in inflated(entry.read(MOST_INFLATED), entry.name)]
            chosen = _chosen(files, wanted, GRADED[:2])
            entry = chosen.entry
        others = {file.name: file.entry for file in _latest(files) if file is not chosen}
        return Submitted(student, _source(entry), entry.name, beside=beside(chosen.name, others))
    except Refused as e:
        return Submitted(student, b"", entry.name, str(e))


def _chosen(files: Iterable[File], wanted: str, endings: tuple[str, ...]) -> File:
    found = [file for file in _latest(files) if file.entry.path.lower().endswith(endings)]
    if not found:
        others = _listed(file.entry.name for file in files)
        raise Refused(f"no {', '.join(endings[:-1])} or {endings[-1]} file{others}; hand in one")
    if len(found) > 1 and wanted:
        found = [file for file in found if file.is_called(wanted)] or found
    if 1 < len(found) <= MOST_FILES:
        best = most({file.name: _text(file.entry) for file in found})
        found = [file for file in found if file.name in best]
    if len(found) > 1:
        number = "two" if len(found) == 2 else f"{len(found):,}"
        raise Refused(f"{number} Python files{_listed(file.entry.name for file in found)}; hand in one")
    return found[0]


def _text(entry: Entry) -> bytes:
    """Nothing where there is none."""
    if entry.path.lower().endswith(".zip"):
        return b""
    try:
        return _source(entry)
    except Refused:
        return b""


def _latest(files: Iterable[File]) -> list[File]:
    """All, but of those that Canvas had to rename, the last."""
    last: dict[str, File] = {}
    for file in sorted((file for file in files if file.turn), key=lambda file: file.turn or (0, 0)):
        last[file.name] = file
    return [*last.values(), *(file for file in files if not file.turn)]


def _listed(names: Iterable[str]) -> str:
    some = sorted(names)
    return f" ({', '.join(some[:4])}{', …' if len(some) > 4 else ''})" if some else ""


def _source(entry: Entry) -> bytes:
    """The Python text of a .py or .ipynb file. Raises Refused."""
    try:
        notebook = entry.path.lower().endswith(".ipynb")
        source = python_of(entry.read(MOST_NOTEBOOK)) if notebook else entry.read(MOST_SOURCE)
    except NotebookError as e:
        raise Refused(f"{entry.name} {e}") from e
    if len(source) > MOST_SOURCE:
        raise Refused(f"{entry.name} has more than {MOST_SOURCE // MB} MB of code; hand in the program alone")
    if b"\0" in source:
        raise Refused(f"{entry.name} has a null byte, so it is no Python text; save it as UTF-8")
    if not source.strip():
        raise Refused(f"{entry.name} is empty; hand in the file with the program")
    return source
