"""``backproof check``: somebody's own backpropagation, right or with its mistake named."""

from __future__ import annotations

import argparse
from pathlib import Path

from compare.commands.run import EXIT_CODES
from compare.submission.conventions import ALLOWED
from torch_ref.parser import Parser, fail

CONVENTIONS = {
    "examples": "a mini-batch holds its examples as rows (the default) or columns",
    "weights": "out_in: (n_out, n_in), row j = neuron j (the default); in_out: its transpose",
    "biases": "flat: (n,) (the default), column: (n, 1), row: (1, n); a line of the weight matrix; or none",
    "batch": "functions take a mini-batch together (the default), or one example; or that, but the update all of them",
    "gradients": "what comes first of the two results of backprop",
    "sign": "minus: gradients are negated, and the update adds them",
    "cost": "half: ½ ‖y − a‖² of an example (the default), full: ‖y − a‖²",
    "reduction": "the cost of a mini-batch is the mean (the default) or the sum over its examples",
}


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The command and its options."""
    check = commands.add_parser(
        "check",
        help="check somebody's own implementation, and name its mistake",
        description="Runs a Python file with a backpropagation of its own in a process of its own, holds every number "
        "that it gives against autograd by the rounding-error bound, and if it is wrong says in which equation, in "
        "which layer, and by which mistake. 'backproof template FILE' writes a file to start from.",
        epilog=EXIT_CODES,
    )
    option = check.add_argument
    option("file", type=Path, metavar="FILE", help="functions feedforward, backprop, … or a class Network")
    option("--adapter", type=Path, metavar="FILE", help="a file that does 'import submission' and has the functions")
    option("--assignment", type=Path, metavar="FILE", help="a TOML file whose table [conventions] states them")
    option("--strict", action="store_true", help="another convention than the stated one is a mismatch")
    option("--seconds", type=float, default=10.0, metavar="S", help="the longest that one call may take (default: 10)")
    option("--seed", type=int, default=0, metavar="N", help="of the cases that it is asked about (default: 0)")
    option(
        "--layers",
        type=int,
        choices=(1, 2, 3, 4),
        metavar="L",
        help="layers of weights, 1 to 4: ask about networks of that many (default: 3, or found out)",
    )
    option("--hints", action="store_true", help="give the hint that leads to a mistake, and not its name")
    option("--json", type=Path, metavar="FILE", help="write the report as JSON, too")
    option("--emit-test", type=Path, metavar="FILE", help="write the smallest failing case as a pytest file")
    stated = check.add_argument_group("conventions", "the form that the code is written in; otherwise it is found out")
    for name, words in CONVENTIONS.items():
        choices = [_typed(word) for word in ALLOWED[name]]
        stated.add_argument(f"--{name}", type=_typed, choices=choices, help=words, metavar="|".join(choices))
    check.set_defaults(command=_check)


def _typed(value: str) -> str:
    """A value without the spaces that a command line makes awkward: first-row, and w,b."""
    return value.replace(", ", ",").replace(" ", "-")


def _check(arguments: argparse.Namespace) -> int:
    from compare.check.job import check_job  # noqa: PLC0415 - imports torch, which --help need not wait for

    conventions = {name: given for name in CONVENTIONS if (given := getattr(arguments, name)) is not None}
    if "gradients" in conventions:
        conventions["gradients"] = conventions["gradients"].replace(",", ", ")
    return check_job(arguments, conventions, fail)
