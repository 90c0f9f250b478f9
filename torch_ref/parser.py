"""What all commands share: errors of one line. Loads no torch, so that --help need not wait for it."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, not after a page of usage."""

    def error(self, message: str) -> NoReturn:
        """One line on stderr, exit 2."""
        fail(f"{message}; '{self.prog} --help' lists the options")


def positive(text: str) -> int:
    """The type of an option that takes a whole number of 1 or more."""
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"got {text}, expected 1 or more")
    return number


def fail(message: str) -> NoReturn:
    """One line on stderr, exit 2."""
    sys.stderr.write(f"backproof: {message}\n")
    sys.exit(2)
