"""One file graded, in one sandbox for all tests of a process; and what it did not pass."""

from __future__ import annotations

import functools
from types import MappingProxyType

from submissions import RIGHT

from compare.grade.assignment import Assignment
from compare.grade.judging.grader import Grader
from compare.grade.result import CHECKS
from compare.grade.sandbox import Sandbox, SandboxError
from compare.grade.submitted import Submitted

TRANSPOSE = "deltas[0] @ w * a_l * (1 - a_l)"
UPDATE = "def update_mini_batch("
BP2 = RIGHT.replace(TRANSPOSE, "deltas[0] @ w")
PRIME = "\n\ndef sigmoid_prime(z):\n    return sigmoid(z) * (1 - sigmoid(z))\n"


def assignment(**more):
    given = {"title": "t", "course_key": "a key that nobody guesses", "points": dict.fromkeys(CHECKS, 1.0)}
    return Assignment.model_validate(given | more)


class Remembering:
    """A sandbox that runs a file once, as long as it is asked the same: faults are planted in what judges it."""

    def __init__(self, sandbox):
        self.sandbox, self.close = sandbox, sandbox.close
        self.runs = {}

    def run(self, source, questions, size, limits, name="submission.py", *, beside=MappingProxyType({})):
        key = (source, questions, size, limits, name, *beside.items())
        if key not in self.runs:
            self.runs[key] = self.sandbox.run(source, questions, size, limits, name, beside=beside)
        return self.runs[key]


@functools.cache
def sandbox():
    try:
        return Remembering(Sandbox())
    except SandboxError:  # what a grade is, is the same without one
        return Remembering(Sandbox(unsafe=True))


def close():
    """The sandbox, if there is one."""
    if sandbox.cache_info().currsize:
        sandbox().close()
        sandbox.cache_clear()


def result(source, student="ada", problem="", **more):
    submitted = Submitted(student, source.encode() if isinstance(source, str) else source, "net.py", problem)
    limits = {"limits": {"seconds": 5.0, "megabytes": 1024}}
    return Grader(assignment(**limits | more), sandbox()).result(submitted)


def not_passed(found):
    return {check.name: check.status for check in found.checks if check.status != "passed"}
