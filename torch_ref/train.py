"""``python -m torch_ref.train``: what ``backproof train`` does, without NumPy's side; also what torchrun starts."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from torch_ref.options import EXIT_CODES, add_options
from torch_ref.parser import Parser


def main(argv: Sequence[str] | None = None) -> int:
    """Train, and give the exit code."""
    parser = Parser(
        prog="python -m torch_ref.train",
        description="Trains the torch network. Several processes share each mini-batch where torchrun starts them.",
        epilog=EXIT_CODES,
    )
    add_options(parser)
    arguments = parser.parse_args(argv)
    from torch_ref.training.command import training_command  # noqa: PLC0415 - imports torch, which --help need not

    return training_command(arguments)


if __name__ == "__main__":
    sys.exit(main())
