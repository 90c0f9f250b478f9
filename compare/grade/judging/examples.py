"""The examples of the first case, each by itself: asked about in a new process, and only once somebody wants to know.

A gradient that is right needs none of them. Of one that is wrong without its δ they tell which equations are at fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from compare.check.subject import GRADIENT, UPDATE
from compare.diagnosis.case import Case, Fault, Observed, Shown, one_by_one
from compare.grade.asking.asked import Asked
from compare.grade.asking.questions import Questions
from compare.grade.asking.recorded import Recorded


@dataclass(eq=False)
class Examples:
    """Those of one submission; ``again`` asks it in a process of its own, and gives None where it cannot be."""

    asked: Asked
    again: Callable[[Questions], Asked | None]

    @cached_property
    def recorded(self) -> Recorded | None:
        """What it answered; None where it did not, or did not get so far in the process before."""
        recorded = self.asked.recorded
        function = GRADIENT if GRADIENT in recorded.offers else UPDATE
        if recorded.silent and (recorded.silent.function != UPDATE or function == UPDATE):
            return None
        again = self.again(self.asked.questions.only(recorded.form.form, [function], cases=[*self.cases.values()]))
        return again.recorded if again else None

    @cached_property
    def cases(self) -> dict[bytes, Case]:
        """By their digests."""
        return {case.digest: case for case in one_by_one(self.asked.questions.cases[0])}


@dataclass(frozen=True)
class WithExamples:
    """A submission as it was recorded, and its examples as they are asked about."""

    recorded: Recorded
    examples: Examples

    @property
    def offers(self) -> frozenset[str]:
        """As it was recorded."""
        return self.recorded.offers

    def observe(self, case: Case) -> Observed:
        """What was observed; of an example, what is."""
        if self.recorded.knows(case) or case.digest not in self.examples.cases:
            return self.recorded.observe(case)
        return self.examples.recorded.observe(case) if self.examples.recorded else Observed(Shown())

    def call(self, name: str, z: np.ndarray) -> tuple[np.ndarray | None, list[Fault]]:
        """As it was recorded."""
        return self.recorded.call(name, z)
