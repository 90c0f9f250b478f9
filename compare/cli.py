"""The command line. Imports what a command needs only when it runs: --help answers at once, without torch."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from compare.commands import assignment, check, export, grade, merge, run, template, train
from compare.commands.run import EXIT_CODES
from torch_ref.parser import Parser, fail


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """The entry point: parse, run the command, and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Greek letters gets question marks
    try:
        arguments = parser().parse_args(argv)
        sys.exit(arguments.command(arguments))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as e:  # exit code 1 says that a mistake is proved, and nothing else may
        if os.environ.get("BACKPROOF_TRACEBACK"):
            traceback.print_exc()
        fail(_where(e))


def _where(e: Exception) -> str:
    """What went wrong, and in which line."""
    frame = traceback.extract_tb(e.__traceback__)[-1]
    what = " ".join(str(e).split())[:300]
    way_out = "with BACKPROOF_TRACEBACK=1 set, it shows the way there"
    return f"it broke off with {type(e).__name__}: {what} ({frame.filename}, line {frame.lineno}); {way_out}"


def parser() -> Parser:
    """All the commands and their options."""
    top = Parser(
        prog="backproof",
        description="Proves a hand-derived backpropagation right as far as rounding can tell, or names the mistake.",
        epilog=EXIT_CODES,
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (run, check, train, template, assignment, grade, merge, export):
        command.add(commands)
    return top


if __name__ == "__main__":
    main()
