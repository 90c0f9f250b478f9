"""The command line. Imports what a command needs only when it runs: --help answers at once, without torch."""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

EXIT_CODES = "exit codes: 0 match, 1 mismatch, 2 could not run, 3 inconclusive, 130 interrupted"


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, not after a page of usage."""

    def error(self, message: str) -> NoReturn:
        """One line on stderr, exit 2."""
        fail(f"{message}; '{self.prog} --help' lists the options")


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


def fail(message: str) -> NoReturn:
    """One line on stderr, exit 2."""
    sys.stderr.write(f"backproof: {message}\n")
    sys.exit(2)


def parser() -> argparse.ArgumentParser:
    """All the commands and their options."""
    top = Parser(
        prog="backproof",
        description="Proves a hand-derived backpropagation right as far as rounding can tell, or names the mistake.",
        epilog=EXIT_CODES,
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_run(commands)
    return top


def _add_run(commands: argparse._SubParsersAction[Parser]) -> None:
    run = commands.add_parser(
        "run",
        help="train the NumPy and the torch network on the same mini-batches and judge every step",
        description="Trains the hand-written NumPy network and the torch.nn network from the same initial weights on "
        "the same mini-batches, checks every SGD step element by element against the rounding-error bound, logs both "
        "to TensorBoard, and ends with a verdict.",
        epilog=EXIT_CODES,
    )
    add = run.add_argument
    add(
        "--hidden", nargs="+", action="append", metavar="N", help="widths of the hidden layers, or 'none' (default: 30)"
    )
    add("--epochs", type=int, default=3, metavar="N", help="passes over the training data (default: 3)")
    add("--batch-size", type=int, default=10, metavar="M", help="examples in a mini-batch (default: 10)")
    add("--eta", type=float, default=3.0, metavar="ETA", help="learning rate (default: 3.0)")
    add(
        "--cost",
        choices=["half", "full"],
        default="half",
        help="half: C = 1/(2n) Σ‖y − a‖² (the default), full: C = Σ(y − a)²",
    )
    add("--dtype", choices=["float32", "float64"], default="float64", help="precision of both sides (default: float64)")
    add("--device", default="cpu", help="where torch computes: cpu (the default), cuda, cuda:1, mps")
    add("--tf32", action="store_true", help="let torch use TF32 on CUDA, in float32; the bound grows with it")
    add(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="of the initial weights and of the order of the data (default: 0)",
    )
    add(
        "--dataset",
        default="mnist",
        metavar="NAME",
        help="mnist (the default), fashionmnist, kmnist, qmnist or emnist-digits",
    )
    add("--limit", type=int, metavar="N", help="train on the first N training examples only")
    add(
        "--logdir",
        type=Path,
        default=Path("runs"),
        metavar="DIR",
        help="folder of the TensorBoard logs (default: runs)",
    )
    add("--json", type=Path, metavar="FILE", help="write the report as JSON, too")
    run.set_defaults(command=_run)


def _run(arguments: argparse.Namespace) -> int:
    from compare.main_job import main_job  # noqa: PLC0415 - imports torch, which --help need not wait for

    settings = {name: value for name, value in vars(arguments).items() if name not in ("command", "logdir", "json")}
    settings["hidden"] = _widths(arguments.hidden)
    return main_job(settings, arguments.logdir, arguments.json, fail)


def _widths(given: list[list[str]] | None) -> tuple[int, ...]:
    """--hidden 30, --hidden 30 20, --hidden 30,20, --hidden 30 --hidden 20, --hidden none."""
    words = [word for group in given or [["30"]] for words in group for word in words.split(",")]
    if words == ["none"]:
        return ()
    if not all(re.fullmatch(r"\s*-?[0-9]{1,9}\s*", word) for word in words):
        came = " ".join(words)[:80]
        fail(f"--hidden is {came!r}; give whole numbers such as 30 or 30,20, or 'none' for no hidden layer")
    return tuple(int(word) for word in words)


if __name__ == "__main__":
    main()
