"""``backproof train``: train the torch network alone, fast, and go on where a run broke off."""

from __future__ import annotations

import argparse
from pathlib import Path

from compare.commands.parser import Parser, fail
from compare.commands.run import widths

EXIT_CODES = "exit codes: 0 trained to its end, 2 could not run or broke off, 130 interrupted"
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


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The command and its options; what is not given is the default, or that of the run that goes on."""
    train = commands.add_parser(
        "train",
        help="train the torch network alone, and go on where a run broke off",
        description="Trains the torch network: what 'backproof run' holds against the derivation, where it is fast. "
        "A run that is killed and resumed ends with the same bits as one that was not.",
        epilog=EXIT_CODES,
    )
    option = train.add_argument
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
    option("--resume", type=Path, metavar="PATH", help="go on from a checkpoint, or from a run's folder")
    option("--save", type=float, default=60.0, metavar="S", help="save at least every S seconds or so (default: 60)")
    option("--logdir", type=Path, default=Path("runs"), metavar="DIR", help="folder of the runs (default: runs)")
    train.set_defaults(command=_train)


def _train(arguments: argparse.Namespace) -> int:
    from compare.training_job import training_job  # noqa: PLC0415 - imports torch, which --help need not wait for
    from torch_ref.training.job import Options  # noqa: PLC0415

    given = {name: value for name in SETTINGS if (value := getattr(arguments, name)) is not None}
    if arguments.hidden:
        given["hidden"] = widths(arguments.hidden)
    options = Options(given, arguments.device, arguments.logdir, arguments.resume, arguments.save)
    return training_job(options, fail)
