"""What is known of one trial of a submission, and where each check finds its part of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from compare.check.report import Check, CheckReport
from compare.grade.asking.questions import Question
from compare.grade.judging.given import Given
from compare.grade.judging.walk import Walk

FUNCTION = dict.fromkeys(("BP1", "BP2", "BP3", "BP4"), "backprop")
FUNCTION |= {name: name for name in ("sigmoid", "sigmoid_prime", "feedforward")}
FUNCTION |= dict.fromkeys(("update", "trajectory"), "update_mini_batch")
ROW = {"sigmoid": "σ(z)", "sigmoid_prime": "σ′(z)", "feedforward": "a = σ(z)", "update": "SGD"}


@dataclass(frozen=True)
class Seen:
    """What is known of one trial.

    silent  the question at which the process ended; ``how`` it did
    given   what holds, and what does not, with the values of what is wrong before it
    """

    report: CheckReport
    walk: Walk
    silent: Question | None = None
    how: str = ""
    given: Given = field(default_factory=Given)

    @cached_property
    def rows(self) -> dict[str, Check]:
        """The report's lines, by their equations."""
        return {check.equation: check for check in self.report.checks}

    def row(self, name: str) -> Check | None:
        """The line of a check."""
        return self.rows.get(ROW.get(name, name))
