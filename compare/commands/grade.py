"""``backproof grade``: a class's submissions, in parallel and in a sandbox, with a page for each student."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from torch_ref.parser import Parser, fail

FORMATS = ("gradescope", "prairielearn", "classroom", "check50", "junit", "csv")
EXIT_CODES = "exit codes: 0 all graded, 2 could not run, 3 some could not be graded by a fault of the grader's own, "
EXIT_CODES += "130 interrupted (the same command goes on)"


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The command and its options."""
    grade = commands.add_parser(
        "grade",
        help="grade a folder of submissions, with points for each equation and the mistake named",
        description="Grades a folder of Python files or notebooks, the export of a learning platform, or one file: "
        "each in a sandbox, with points for each equation, the mistake named, a page for each student and one for the "
        "class. What is graded stays graded: the same command goes on where it was interrupted.",
        epilog=EXIT_CODES,
    )
    option = grade.add_argument
    option(
        "submissions", type=Path, metavar="SUBMISSIONS", help="a folder of files, folders or zips; a zip; or one file"
    )
    option("--assignment", type=Path, required=True, metavar="FILE", help="'backproof assignment new' writes one")
    option("--out", type=Path, required=True, metavar="FOLDER", help="where the results go")
    option("--processes", type=_count, metavar="N", help="how many grade at a time (default: processors + 1)")
    option("--shard", type=_shard, default=(1, 1), metavar="I/N", help="grade the I-th of N parts, then 'merge' them")
    option(
        "--format",
        action="append",
        default=[],
        choices=FORMATS,
        metavar="NAME",
        help="beside each student's page, the result for another tool: gradescope, prairielearn, classroom (what is "
        "the value of its 'result') or check50; the class as csv and junit is there in any case; can be repeated",
    )
    option("--unsafe", action="store_true", help="without a sandbox: whatever a submission does, it does to you")
    grade.set_defaults(command=_grade)


def _count(words: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,2}", words):
        raise argparse.ArgumentTypeError(f"{words!r} is no whole number from 1 to 999")
    return int(words)


def _shard(words: str) -> tuple[int, int]:
    match = re.fullmatch("([0-9]{1,6})/([0-9]{1,6})", words)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f"{words!r} is no part of a whole; give 1/4 for the first of four")
    return int(match[1]), int(match[2])


def _grade(arguments: argparse.Namespace) -> int:
    from compare.grade.job import grade_job  # noqa: PLC0415 - imports torch, which --help need not wait for

    return grade_job(arguments, fail)
