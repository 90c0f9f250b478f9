"""A small class, graded in this process as fast as nothing: no sandbox, no torch, and everybody is right."""

from __future__ import annotations

import io
import sys
import tempfile
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from graded import not_graded, right

from compare import cli

ASSIGNMENT = """
title = "Exercise 4"
course_key = "0123456789abcdef"
[points]
sigmoid = 1
BP1 = 1
BP2 = 2
BP4 = 2
[limits]
seconds = 5
"""
FAILS = "# the grader fails here\n"


class NoSandbox:
    """In place of a sandbox that is only tried."""

    def __init__(self, unsafe=False):
        self.unsafe = unsafe

    def close(self):
        """Nothing is open."""


class Class:
    """A folder with a class's files and its assignment; ``graded`` has those who were graded, in that order."""

    def __init__(self, folder):
        self.folder, self.graded = Path(folder), []
        self.out = self.folder / "out"
        self.assignment(ASSIGNMENT)

    def assignment(self, text):
        (self.folder / "assignment.toml").write_text(text, encoding="utf-8")

    def hands_in(self, **files):
        """Python text by the student."""
        (self.folder / "class").mkdir(exist_ok=True)
        for student, text in files.items():
            (self.folder / "class" / f"{student}.py").write_text(text, encoding="utf-8")

    def command(self, *more, submissions="class", out="out"):
        """The arguments."""
        folder = self.folder
        given = ("grade", folder / submissions, "--assignment", folder / "assignment.toml", "--out", folder / out)
        return [*map(str, given), *more]

    def grade(self, *more, **where):
        """The exit code, stdout and stderr."""
        return call(*self.command(*more, **where))


@contextmanager
def at_once(graded):
    """With everything slow taken out; whoever is graded is entered into that list."""

    def results(submissions, *_):
        for submitted in submissions:
            graded.append(submitted.student)
            fails = FAILS.encode() in submitted.source
            yield submitted, not_graded(submitted.student) if fails else right(submitted.student)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("compare.grade.job.Sandbox", NoSandbox)
        patch.setattr("compare.grade.job.results", results)
        yield


@contextmanager
def small_class(**files):
    """In a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        made = Class(folder)
        made.hands_in(**files)
        with at_once(made.graded):
            yield made


def call(*arguments):
    """A command line, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as left:
        cli.main(list(map(str, arguments)))
    return left.value.code, out.getvalue(), err.getvalue()


def states(folder):
    """When each file of a student was written, and what is in it."""
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in Path(folder).glob("*/*")}


def contents(folder):
    """What is in every file."""
    folder = Path(folder)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


if __name__ == "__main__":  # in place of backproof, in a process of its own
    with at_once([]):
        cli.main(sys.argv[1:])
