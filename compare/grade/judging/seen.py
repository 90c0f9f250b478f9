"""What is known of one trial of a submission, and where each check finds its part of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from compare.check.report import Check, CheckReport
from compare.grade.asking.questions import Question
from compare.grade.judging.examples import Examples
from compare.grade.judging.walk import Walk

FUNCTION = dict.fromkeys(("BP1", "BP2", "BP3", "BP4"), "backprop")
FUNCTION |= {name: name for name in ("sigmoid", "sigmoid_prime", "feedforward")}
FUNCTION |= dict.fromkeys(("update", "trajectory"), "update_mini_batch")
ROW = {"sigmoid": "σ(z)", "sigmoid_prime": "σ′(z)", "feedforward": "a = σ(z)", "update": "SGD"}


@dataclass(frozen=True)
class Seen:
    """What is known of one trial.

    silent  the question at which the process ended; ``how`` it did
    first   whether an update that is wrong by what backprop keeps is right when it is asked first of all
    primes  whether BP1 and BP2 are right given the values of a sigmoid_prime that is wrong
    examples  of the first case, where a submission is asked about them
    """

    report: CheckReport
    walk: Walk
    silent: Question | None = None
    how: str = ""
    first: bool = False
    primes: bool = False
    examples: Examples | None = None

    @cached_property
    def rows(self) -> dict[str, Check]:
        """The report's lines, by their equations."""
        return {check.equation: check for check in self.report.checks}

    def row(self, name: str) -> Check | None:
        """The line of a check."""
        return self.rows.get(ROW.get(name, name))
