"""What all commands share: errors of one line, and the exit codes."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

EXIT_CODES = "exit codes: 0 match, 1 mismatch, 2 could not run, 3 inconclusive, 130 interrupted"


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, not after a page of usage."""

    def error(self, message: str) -> NoReturn:
        """One line on stderr, exit 2."""
        fail(f"{message}; '{self.prog} --help' lists the options")


def fail(message: str) -> NoReturn:
    """One line on stderr, exit 2."""
    sys.stderr.write(f"backproof: {message}\n")
    sys.exit(2)
