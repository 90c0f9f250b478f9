"""``backproof run``: train both networks, judge every step."""

from __future__ import annotations

import argparse
from pathlib import Path

from torch_ref.options import widths
from torch_ref.parser import Parser, fail

EXIT_CODES = "exit codes: 0 match, 1 mismatch, 2 could not run, 3 inconclusive, 130 interrupted"


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The command and its options."""
    run = commands.add_parser(
        "run",
        help="train the NumPy and the torch network on the same mini-batches and judge every step",
        description="Trains the hand-written NumPy network and the torch.nn network from the same initial weights on "
        "the same mini-batches, checks every SGD step element by element against the rounding-error bound, logs both "
        "to TensorBoard, and ends with a verdict.",
        epilog=EXIT_CODES,
    )
    option = run.add_argument
    option(
        "--hidden", nargs="+", action="append", metavar="N", help="widths of the hidden layers, or 'none' (default: 30)"
    )
    option("--epochs", type=int, default=3, metavar="N", help="passes over the training data (default: 3)")
    option("--batch-size", type=int, default=10, metavar="M", help="examples in a mini-batch (default: 10)")
    option("--eta", type=float, default=3.0, metavar="ETA", help="learning rate (default: 3.0)")
    option(
        "--cost",
        choices=["half", "full"],
        default="half",
        help="half: C = 1/(2n) Σ‖y − a‖² (the default), full: C = Σ(y − a)²",
    )
    option(
        "--dtype", choices=["float32", "float64"], default="float64", help="precision of both sides (default: float64)"
    )
    option("--device", default="cpu", help="where torch computes: cpu (the default), cuda, cuda:1, mps")
    option("--tf32", action="store_true", help="let torch use TF32 on CUDA, in float32; the bound grows with it")
    option(
        "--processes",
        type=int,
        default=1,
        metavar="P",
        help="share each mini-batch among so many of torch's, and judge the gradient that they find together",
    )
    option(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="of the initial weights and of the order of the data (default: 0)",
    )
    option(
        "--dataset",
        default="mnist",
        metavar="NAME",
        help="mnist (the default), fashionmnist, kmnist, qmnist or emnist-digits",
    )
    option("--limit", type=int, metavar="N", help="train on the first N training examples only")
    option(
        "--logdir",
        type=Path,
        default=Path("runs"),
        metavar="DIR",
        help="folder of the TensorBoard logs (default: runs)",
    )
    option("--json", type=Path, metavar="FILE", help="write the report as JSON, too")
    run.set_defaults(command=_run)


def _run(arguments: argparse.Namespace) -> int:
    from compare.main_job import main_job  # noqa: PLC0415 - imports torch, which --help need not wait for

    settings = {name: value for name, value in vars(arguments).items() if name not in ("command", "logdir", "json")}
    settings["hidden"] = widths(arguments.hidden, fail)
    return main_job(settings, arguments.logdir, arguments.json, fail)
