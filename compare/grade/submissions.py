"""A class's submissions: whose is which file, and which file of each student's is the one to grade.

Of two files that Canvas says a student handed in under one name, the later is taken; in all else, two are a problem.
A student whose files cannot be graded has a problem, in a sentence, and the others go on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from compare.grade.archive import MB, MOST_INFLATED, Entry, Refused, exported, inflated, on_disk
from compare.grade.notebook import NotebookError, python_of
from compare.grade.words import printable

MOST_SOURCE = 10 * MB
MOST_NOTEBOOK = 20 * MB  # with its pictures
GRADED = (".py", ".ipynb", ".zip")
NO_SUBMISSION = (".csv", ".xlsx", ".yml", ".yaml", ".toml", ".json", ".md", ".html")  # beside a class's, a teacher's
GRADESCOPE = "submission_metadata.yml"
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


@dataclass(frozen=True)
class Submitted:
    """What one student handed in.

    student  made printable, at most 100 characters, and no other student's
    source   the Python text, or nothing
    name     the file's, for messages
    problem  one plain sentence if it cannot be graded; else nothing
    """

    student: str
    source: bytes
    name: str
    problem: str = ""


@dataclass(frozen=True)
class File:
    """An entry, and what its student called it; ``turn`` puts those that Canvas renamed in order."""

    entry: Entry
    name: str
    turn: tuple[int, int] | None = None

    def is_called(self, wanted: str) -> bool:
        """Whether that is its name, or the end of its path."""
        return any(f"/{path}".endswith(f"/{wanted}") for path in (self.name, self.entry.path))


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
    known = {} if pattern else _gradescope(entries)
    files: dict[str, list[File]] = {}
    for entry in entries:
        if not _is_the_teachers(entry.path):
            student, file = _by_pattern(entry, pattern) if pattern else _by_layout(entry)
            for who in known.get(student, [student]):
                files.setdefault(who, []).append(file)
    return files


def _is_the_teachers(path: str) -> bool:
    beside = "/" not in path and path.lower().endswith(NO_SUBMISSION)
    return path == GRADESCOPE or (beside and not _has_layout([Entry(path)]))


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


def _gradescope(entries: Iterable[Entry]) -> dict[str, list[str]]:
    """Who handed in each folder of Gradescope's export: the student ids, or else the addresses or names."""
    for entry in entries:
        if entry.path == GRADESCOPE and not entry.problem:
            with suppress(Refused):
                return _submitters(entry.read(MOST_INFLATED).decode("utf-8", "replace"))
    return {}


def _submitters(metadata: str) -> dict[str, list[str]]:
    """Of the YAML that Gradescope writes, what is needed: the list :submitters: of every folder."""
    people: dict[str, list[dict[str, str]]] = {}
    here: list[dict[str, str]] | None = None
    folder = ""
    for line in metadata.split("\n"):
        if top := re.match(r"(submission_\d+)(?:\.\w+)?:\s*\Z", line):
            folder, here = top[1], None
        elif folder and re.fullmatch(r"  :submitters:\s*", line):
            here = people.setdefault(folder, [])
        elif here is not None and (item := re.match(r"  (- |  ):(\w+):\s*(.*?)\s*\Z", line)):
            here += [{}] if item[1] == "- " or not here else []
            here[-1][item[2]] = _scalar(item[3])
        else:
            here = None
    ids = {
        folder: [p.get("sid") or p.get("email") or p.get("name") or folder for p in people[folder]] for folder in people
    }
    return {folder: list(dict.fromkeys(who)) for folder, who in ids.items() if who}


def _scalar(text: str) -> str:
    if text.startswith('"'):
        with suppress(ValueError):
            return str(json.loads(text))
    quoted = text[1:-1].replace("''", "'") if text.startswith("'") else text.strip('"')
    return "" if quoted in ("~", "null") else quoted


def _labels(students: Iterable[str]) -> dict[str, str]:
    """Each as it can be shown, and no two alike: nobody can take another's name by a character that is not seen."""
    taken: dict[str, str] = {}
    for student in sorted(students, key=lambda student: (printable(student) != student, student)):
        label, number = printable(student) or "nameless", 1
        while label in taken.values():
            label, number = f"{printable(student, 90) or 'nameless'} ({number + 1})", number + 1
        taken[student] = label
    return taken


def of_student(student: str, files: list[File], wanted: str) -> Submitted:
    """What the student handed in with those files; ``wanted`` is the one that counts, if there are more."""
    entry = files[0].entry
    try:
        for file in files:
            if file.entry.problem:
                entry = file.entry
                raise Refused(entry.problem)
        entry = _chosen(files, wanted, GRADED).entry
        if entry.path.lower().endswith(".zip"):
            inside = [File(member, member.path) for member in inflated(entry.read(MOST_INFLATED), entry.name)]
            entry = _chosen(inside, wanted, GRADED[:2]).entry
        return Submitted(student, _source(entry), entry.name)
    except Refused as e:
        return Submitted(student, b"", entry.name, str(e))


def _chosen(files: Iterable[File], wanted: str, endings: tuple[str, ...]) -> File:
    found = [file for file in _latest(files) if file.entry.path.lower().endswith(endings)]
    if not found:
        others = _listed(file.entry.name for file in files)
        raise Refused(f"no {', '.join(endings[:-1])} or {endings[-1]} file{others}; hand in one")
    if len(found) > 1 and wanted:
        found = [file for file in found if file.is_called(wanted)] or found
    if len(found) > 1:
        number = "two" if len(found) == 2 else f"{len(found):,}"
        raise Refused(f"{number} Python files{_listed(file.entry.name for file in found)}; hand in one")
    return found[0]


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
