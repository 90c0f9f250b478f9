"""A class in numbers: how often each check was passed, each mistake made, and what only a few have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import mean, median

from compare.grade.result import CHECKS, EQUATIONS, Result

FEW = 4  # students at most who share a rare mistake,
ONE_IN = 5  # and no larger a part of those graded: in a class of less than ten, nothing is rare


@dataclass
class Made:
    """A mistake, and who made it: the places of the students, each with the confidence."""

    name: str
    equation: str
    explanation: str
    by: dict[int, float] = field(default_factory=dict)

    @property
    def unsure(self) -> int:
        """How many for whom it is one of several explanations."""
        return sum(confidence < 1 for confidence in self.by.values())


@dataclass(frozen=True)
class CheckTally:
    """One check over the class."""

    name: str
    equation: str
    passed: int
    failed: int
    not_run: int

    @property
    def parts(self) -> list[tuple[str, int, float]]:
        """What it came to, how often, and the share in per cent."""
        counts = {"passed": self.passed, "failed": self.failed, "not run": self.not_run}
        total = sum(counts.values())
        return [(status, count, 100 * count / total) for status, count in counts.items() if count]


def in_order(results: Sequence[Result]) -> list[Result]:
    """The best first; after the graded those not gradable, and then those not graded."""
    kinds = {"graded": 0, "not gradable": 1, "not graded": 2}
    return sorted(results, key=lambda r: (kinds[r.status], -r.score, r.student))


def per_check(graded: Sequence[Result]) -> list[CheckTally]:
    """In the order of the equations."""
    seen = [check for result in graded for check in result.checks]
    names = sorted({check.name for check in seen}, key=lambda name: (name not in CHECKS, _place(name), name))
    counts: dict[tuple[str, str], int] = {}
    for check in seen:
        counts[check.name, check.status] = counts.get((check.name, check.status), 0) + 1
    statuses = ("passed", "failed", "not run")
    return [CheckTally(n, EQUATIONS.get(n, ""), *(counts.get((n, status), 0) for status in statuses)) for n in names]


def _place(name: str) -> int:
    return CHECKS.index(name) if name in CHECKS else len(CHECKS)


def mistakes(results: Sequence[Result]) -> list[Made]:
    """The most frequent first; a student counts once for each."""
    made: dict[str, Made] = {}
    for place, result in enumerate(results):
        for one in result.mistakes:
            found = made.setdefault(one.name, Made(one.name, one.equation, one.explanation))
            found.by[place] = max(found.by.get(place, 0.0), one.confidence)
    return sorted(made.values(), key=lambda m: (-len(m.by), m.name))


def rare(made: Sequence[Made], graded: int) -> list[Made]:
    """Those that two to four share, and nobody else in a class that is large enough."""
    return [m for m in made if 2 <= len(m.by) <= min(FEW, graded // ONE_IN)]


def spread(graded: Sequence[Result]) -> dict[str, float]:
    """The scores in four numbers; none where nobody has one."""
    scores = [result.score for result in graded]
    if not scores:
        return {}
    return {"lowest": min(scores), "median": median(scores), "mean": mean(scores), "highest": max(scores)}
