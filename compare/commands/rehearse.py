"""``backproof assignment test``: what an assignment gives to right work, to none, and to every known mistake."""

from __future__ import annotations

import argparse
from pathlib import Path

from torch_ref.parser import Parser, fail

EXIT_CODES = (
    "exit codes: 0 every mistake costs points, or is a convention; 1 some do not, or right work does; 2 could not run"
)


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The command and its options."""
    test = commands.add_parser(
        "test",
        help="grade right work, the template and every known mistake by it",
        description="Tries an assignment out before a class does: right work has to have every point, the template "
        "none, and each of the known mistakes has to cost some. Those that would cost nothing are told.",
        epilog=EXIT_CODES,
    )
    test.add_argument("assignment", type=Path, metavar="FILE", help="'backproof assignment new' writes one")
    test.add_argument("--unsafe", action="store_true", help="where there is no sandbox; only the template is run")
    test.set_defaults(command=_test)


def _test(arguments: argparse.Namespace) -> int:
    from compare.grade.rehearsal_job import rehearsal_job  # noqa: PLC0415 - imports torch, which --help need not

    return rehearsal_job(arguments, fail)
