"""``backproof export``: an assignment, packed so that a platform can grade by it."""

from __future__ import annotations

import argparse
from pathlib import Path

from torch_ref.parser import Parser, fail


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The command with its own commands, one for each platform, each of which adds itself."""
    export = commands.add_parser(
        "export",
        help="pack an assignment and the grader for a platform",
        description="Packs an assignment and the grader for a platform.",
    )
    own = export.add_subparsers(title="platforms", metavar="PLATFORM", required=True)
    for command in (_add_gradescope,):
        command(own)


def _add_gradescope(commands: argparse._SubParsersAction[Parser]) -> None:
    gradescope = commands.add_parser(
        "gradescope",
        help="write the zip to upload as the autograder",
        description="Writes the zip to upload to Gradescope as the autograder: setup.sh, run_autograder, the "
        "assignment and this program. It holds the course key: keep it from the students. Where a container has no "
        "sandbox, nothing is graded, and the result says so.",
    )
    option = gradescope.add_argument
    option("--assignment", type=Path, required=True, metavar="FILE", help="'backproof assignment new' writes one")
    option("--out", type=Path, default=Path("autograder.zip"), metavar="ZIP", help="default: %(default)s")
    option(
        "--unsafe",
        action="store_true",
        help="grade without a sandbox: a submission can then read the course key, and write its own score",
    )
    gradescope.set_defaults(command=_gradescope)


def _gradescope(arguments: argparse.Namespace) -> int:
    from compare.grade.exporting.gradescope import export_job  # noqa: PLC0415 - --help need not wait for it

    return export_job(arguments.assignment, arguments.out, arguments.unsafe, fail)
