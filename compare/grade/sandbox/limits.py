"""What a submission may use, and what came of its run."""

from __future__ import annotations

from dataclasses import dataclass

LAYERS = frozenset({"landlock", "seccomp", "user", "rlimits", "descriptors", "clock", "group"})
UNSAFE = LAYERS - {"landlock", "seccomp", "user"}  # all that a system without Linux's own has
MOST_SOURCE = 10_000_000  # bytes of a submission
MOST_PRINTED = 2_000  # characters that are kept
MOST_FILE = 16 << 20  # bytes of one file that it writes
MOST_FOLDER = 64 << 20  # bytes of all its files
MOST_FILES = 1_000
OUT_OF_MEMORY = 86  # the worker's exit code where Python could get no more


class SandboxError(Exception):
    """The sandbox itself is at fault, or cannot be had on this system; says what to do."""


@dataclass(frozen=True)
class Limits:
    """Of one submission.

    seconds    of wall clock, from the fork to the last answer
    megabytes  of address space (2²⁰ bytes each), beyond what the interpreter with NumPy has already
    """

    seconds: float
    megabytes: int


@dataclass(frozen=True)
class Run:
    """What came of one run; all of it is untrusted but ``how`` and ``seconds``.

    record   what the worker wrote: ``size`` bytes, or fewer where it ended early
    how      "" where all came, no more, and the worker then ended well; otherwise what happened, as in "had not
             finished after 10 s", "ended with exit code 0 before all answers were there", "ended by signal 9
             (SIGKILL)", "ran out of memory (1024 MB)", "wrote more than was asked for"
    printed  the last 2,000 characters of its standard output and error
    seconds  of wall clock
    """

    record: bytes
    how: str
    printed: str
    seconds: float
