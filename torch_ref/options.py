"""The options of training, for each command that trains. Loads no torch, so that --help need not wait for it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

SETTINGS = (
    "epochs",
    "batch_size",
    "eta",
    "cost",
    "dtype",
    "seed",
    "replicas",
    "dataset",
    "limit",
    "patience",
    "target",
)

EXIT_CODES = "exit codes: 0 trained to its end, 2 could not run or broke off, 130 interrupted"


def add_options(parser: argparse.ArgumentParser) -> None:
    """What is not given is the default, or that of the run that goes on."""
    option = parser.add_argument
    option(
        "--hidden", nargs="+", action="append", metavar="N", help="widths of the hidden layers, or 'none' (default: 30)"
    )
    option("--epochs", type=int, metavar="N", help="passes over the training data, at most (default: 30)")
    option("--batch-size", type=int, metavar="M", help="examples in a mini-batch (default: 10)")
    option("--eta", type=float, metavar="ETA", help="learning rate (default: 3.0)")
    option("--cost", choices=["half", "full"], help="half: C = 1/(2n) Σ‖y − a‖² (the default), full: C = Σ(y − a)²")
    option("--dtype", choices=["float32", "float64"], help="precision (default: float32)")
    option("--seed", type=int, metavar="N", help="of the initial weights and the order of the data (default: 0)")
    option("--replicas", type=int, metavar="R", help="networks side by side, with seeds N to N + R − 1 (default: 1)")
    option("--dataset", metavar="NAME", help="mnist (the default), fashionmnist, kmnist, qmnist or emnist-digits")
    option("--limit", type=int, metavar="N", help="train on the first N training examples only")
    option("--patience", type=int, metavar="K", help="stop when validation accuracy was best K epochs ago")
    option("--target", type=float, metavar="A", help="stop when validation accuracy has reached A, such as 0.95")
    option("--device", default="cpu", help="cpu (the default), cuda, cuda:1, mps")
    option(
        "--steps", choices=["graph", "eager"], help="graph: many in one launch (the default on cuda); eager: one by one"
    )
    option("--resume", type=Path, metavar="PATH", help="go on from a checkpoint, or from a run's folder")
    option("--save", type=float, default=60.0, metavar="S", help="save at least every S seconds or so (default: 60)")
    option("--logdir", type=Path, default=Path("runs"), metavar="DIR", help="folder of the runs (default: runs)")


def given(arguments: argparse.Namespace, fail: Callable[[str], NoReturn]) -> dict[str, Any]:
    """The settings that were given, by name."""
    found = {name: value for name in SETTINGS if (value := getattr(arguments, name)) is not None}
    return found | ({"hidden": widths(arguments.hidden, fail)} if arguments.hidden else {})


def widths(given: list[list[str]] | None, fail: Callable[[str], NoReturn]) -> tuple[int, ...]:
    """Those of --hidden 30, --hidden 30 20, --hidden 30,20, --hidden 30 --hidden 20 and --hidden none.

    ``fail`` is called with one sentence for anything else.
    """
    words = [word for group in given or [["30"]] for words in group for word in words.split(",")]
    if words == ["none"]:
        return ()
    if not all(re.fullmatch(r"\s*-?[0-9]{1,9}\s*", word) for word in words):
        came = " ".join(words)[:80]
        fail(f"--hidden is {came!r}; give whole numbers such as 30 or 30,20, or 'none' for no hidden layer")
    return tuple(int(word) for word in words)
