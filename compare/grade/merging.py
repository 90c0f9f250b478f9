"""Folders of results put together in one: every student's, and the class's pages and tables made anew.

Whatever breaks it off, the same command goes on: a student's ``result.json`` is put in its place last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from compare.grade import store, whole_class
from compare.grade.ending import SOME_NOT_GRADED, exit_code, tell
from compare.grade.formatted import FILES, without_pictures
from compare.grade.result import Result
from compare.grade.telling.files import put, put_other, write_class
from compare.grade.telling.names import file_name
from compare.grade.telling.student_page import student_page
from compare.grade.whole_class import FILE, Class
from torch_ref.terminal import Output

RESULT, PAGE = "result.json", "page.html"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Found:
    """A student's result, without its pictures, and the folder of results that it is in."""

    result: Result
    at: Path

    @property
    def own(self) -> Path:
        """The student's folder there."""
        return self.at / file_name(self.result.student)

    @property
    def fault(self) -> bool:
        """Whether it says no more than that the grader broke down."""
        return self.result.status == "not graded"


def merge_job(out: Path, folders: list[Path], fail: Callable[[str], NoReturn]) -> int:
    """Merge, say what was doubtful, and give the exit code; ``fail`` is called with one sentence if it cannot be."""
    console = Output()
    say = console.say
    there = not whole_class.read(out) or any(out.resolve() == folder.resolve() for folder in folders)
    sources = folders if there else [out, *folders]
    about = _about(sources, fail)
    try:
        chosen = choose((found for folder in sources for found in results_in(folder, about, say)), say)
    except OSError as e:
        fail(f"{e.filename} cannot be read ({e.strerror}); give folders that 'backproof grade' wrote")
    try:
        write(out, chosen, about)
    except OSError as e:
        fail(f"{e.filename or out} cannot be written ({e.strerror}); once it can, the same command goes on")
    results = [found.result for found in chosen]
    tell(results, out, console)
    if missing := sorted(set(about.students) - {result.student for result in results}):
        some = ", ".join(missing[:5]) + (", …" if len(missing) > 5 else "")
        say(f"{len(missing)} of {len(about.students)} have no result yet ({some}); grade their part, and merge it too")
    return SOME_NOT_GRADED if missing else exit_code(results)


def _about(folders: Iterable[Path], fail: Callable[[str], NoReturn]) -> Class:
    """What all are about, with everybody who handed in."""
    found: dict[Path, Class] = {}
    for folder in folders:
        if (about := whole_class.read(folder)) is None:
            fail(f"{folder} has no {FILE}, so it is no folder of results; give those that 'backproof grade' wrote")
        found[folder] = about
    (first, one), *others = found.items()
    for folder, other in others:
        if other.title != one.title:
            fail(f"{first} is about {one.title!r} and {folder} about {other.title!r}; give folders of one assignment")
        if other.assignment != one.assignment:
            fail(f"{first} and {folder} were graded by different versions of the assignment; grade one of them again")
    students = dict.fromkeys(student for about in found.values() for student in about.students)
    return Class(one.title, one.assignment, tuple(sorted(students)))


def results_in(folder: Path, about: Class, say: Say) -> Iterator[Found]:
    """Of all students, by their names. Raises OSError if the folder cannot be read."""
    for path in sorted(folder.glob(f"*/{RESULT}")):
        if (result := store.read(path)) is None:
            say(f"{path} cannot be read, and is left out; grade it again")
        elif result.student not in about.students:
            say(f"{path} is left out: nobody of that name handed in when the class was graded last")
        elif file_name(result.student) != path.parent.name:
            say(f"{path} is not of the student whose folder it is in, and is left out")
        else:
            yield Found(without_pictures(result), folder)


def choose(all_of_them: Iterable[Found], say: Say) -> list[Found]:
    """One for each student, by their names, as in a class that is graded at once."""
    chosen: dict[str, Found] = {}
    for new in all_of_them:
        old = chosen.setdefault(new.result.student, new)
        if new.fault and not old.fault:
            continue
        if old.result.key != new.result.key and not old.fault:
            say(f"{new.result.student}: {old.own} and {new.own} have different results; the last that is given counts")
        chosen[new.result.student] = new  # also of two alike, or a second time could choose another
    return [chosen[student] for student in sorted(chosen)]


def write(out: Path, chosen: Iterable[Found], about: Class) -> None:
    """Every student's folder, and what is about the class. Raises OSError."""
    chosen = list(chosen)
    out.mkdir(parents=True, exist_ok=True)
    about.write(out)
    for found in chosen:
        _copy(found, out, about.title)
    write_class(out, [found.result for found in chosen], about.title)


def _copy(found: Found, out: Path, title: str) -> None:
    own = out / found.own.name
    own.mkdir(exist_ok=True)
    for name in (*FILES.values(), PAGE, RESULT):
        source = found.own / name
        if source.is_file():
            put_other(own / name, source.read_bytes().decode("utf-8", "replace"))
        elif name == PAGE:  # whoever graded was killed before
            whole = store.read(found.own / RESULT) or found.result
            put(own / PAGE, student_page(whole, title))
        else:
            (own / name).unlink(missing_ok=True)  # of the result that was there before
