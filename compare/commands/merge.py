"""``backproof merge``: the results of the parts of a class, put together."""

from __future__ import annotations

import argparse
from pathlib import Path

from torch_ref.parser import Parser, fail

EXIT_CODES = "exit codes: 0 all graded, 2 could not run, 3 some could not be graded by a fault of the grader's own"


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The command and its options."""
    merge = commands.add_parser(
        "merge",
        help="put together what 'grade --shard' wrote into several folders",
        description="Copies the students' folders of several folders of results into one, with the pages and tables of "
        "the class. What is in it already stays, unless a folder has another result of the same student: then the "
        "last that is given counts, but never one that was not graded by a fault of the grader's own. To do it twice "
        "changes nothing.",
        epilog=EXIT_CODES,
    )
    merge.add_argument("out", type=Path, metavar="OUT", help="the folder to put them into; it can be one of the others")
    merge.add_argument("folders", type=Path, nargs="+", metavar="FROM", help="folders that 'backproof grade' wrote")
    merge.set_defaults(command=_merge)


def _merge(arguments: argparse.Namespace) -> int:
    from compare.grade.merging import merge_job  # noqa: PLC0415 - --help need not wait for it

    return merge_job(arguments.out, arguments.folders, fail)
