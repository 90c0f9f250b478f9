"""Runs in the sandbox, whole or with a layer taken out, of files that answer as the tests' own entry asks."""

from pathlib import Path

import numpy as np
import pytest
from submissions import RIGHT

from compare.grade.sandbox import Limits, Sandbox, SandboxError
from compare.grade.sandbox.sandbox import require_landlock

ENTRY = f"{Path(__file__).with_name('sandbox_entry.py')}:answer"
QUESTIONS = np.linspace(-2, 2, 20).tobytes()
LIMITS = Limits(seconds=10.0, megabytes=128)
DONE = "pieces = lambda questions: [b'done']\n"  # a file that answers with four bytes, if it comes to that
NOTHING_LEFT = "ended with exit code 0 before all answers were there"


def missing():
    """Why this system has no sandbox; "" if it has."""
    try:
        require_landlock()
    except SandboxError as e:
        return str(e)
    return ""


needs_sandbox = pytest.mark.skipif(bool(missing()), reason=missing() or "has it")


def sandbox_without(*layers, unsafe=False):
    """A sandbox that has all layers but these."""
    return type("Holed", (Sandbox,), {"layers": Sandbox.layers - set(layers)})(ENTRY, unsafe=unsafe)


def run(sandbox, source, size=4, limits=LIMITS, questions=QUESTIONS):
    """Of a text."""
    return sandbox.run(source.encode(), questions, size, limits)


def right(sandbox):
    """The record of a right submission."""
    return run(sandbox, RIGHT, 10_000).record
