"""``backproof train``: train the torch network alone, fast, and go on where a run broke off."""

from __future__ import annotations

import argparse

from torch_ref.options import EXIT_CODES, add_options
from torch_ref.parser import Parser


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The command and its options."""
    train = commands.add_parser(
        "train",
        help="train the torch network alone, and go on where a run broke off",
        description="Trains the torch network: what 'backproof run' holds against the derivation, where it is fast. "
        "A run that is killed and resumed ends with the same bits as one that was not.",
        epilog=EXIT_CODES,
    )
    add_options(train)
    train.set_defaults(command=_train)


def _train(arguments: argparse.Namespace) -> int:
    from torch_ref.training.command import training_command  # noqa: PLC0415 - imports torch, which --help need not

    return training_command(arguments)
