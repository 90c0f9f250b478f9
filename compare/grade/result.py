"""What a submission has earned, and why: all that the pages, the tables and the other formats are made from."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

CHECKS = ("sigmoid", "sigmoid_prime", "feedforward", "BP1", "BP2", "BP3", "BP4", "update", "trajectory")
EQUATIONS = {
    "sigmoid": "σ(z) = 1/(1 + e⁻ᶻ)",
    "sigmoid_prime": "σ′(z) = σ(z)(1 − σ(z))",
    "feedforward": "aˡ = σ(wˡ aˡ⁻¹ + bˡ)",
    "BP1": "δᴸ = ∂C/∂aᴸ ⊙ σ′(zᴸ)",
    "BP2": "δˡ = (wˡ⁺¹)ᵀ δˡ⁺¹ ⊙ σ′(zˡ)",
    "BP3": "∂C/∂bˡ = δˡ",
    "BP4": "∂C/∂wˡ = δˡ (aˡ⁻¹)ᵀ",
    "update": "w → w − η/m Σ ∂C/∂w",
    "trajectory": "several steps, one after another",
}

CheckStatus = Literal["passed", "failed", "not run"]
Status = Literal["graded", "not gradable", "not graded"]


@dataclass(frozen=True)
class Graded:
    """One check of one student. ``reason`` is for the student: why it failed, or was not run; it can be empty."""

    name: str
    status: CheckStatus
    points: float
    max_points: float
    reason: str = ""
    worst: float | None = None  # the largest error in units of what rounding can do
    carried: bool = False  # right, given the student's own wrong values before it


@dataclass(frozen=True)
class Mistake:
    """A mistake that explains what was seen; ``confidence`` is one over the number of explanations."""

    name: str
    equation: str
    layer: int | None
    explanation: str
    hint: str
    confidence: float


@dataclass(frozen=True)
class Result:
    """One student's. All text that came from the submission is made printable, and is shortened.

    status      "not gradable": the file cannot be run, as ``message`` says, and the score is 0;
                "not graded": the fault is the grader's own, and there is no score
    message     of a file that is graded: why it was loaded in part only
    shown       what the student may read about the mistakes, by the assignment's hint level
    heatmaps    of each tensor, rows of r = error / bound of its elements, or null where nothing came
    trajectory  the cost after each step, the student's ("own") and the right one ("expected")
    key         hash of the submission, the assignment and the grader
    """

    student: str
    status: Status
    checks: list[Graded]
    message: str = ""
    shown: list[str] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    conventions: list[str] = field(default_factory=list)
    printed: str = ""
    heatmaps: dict[str, list[list[float | None]]] = field(default_factory=dict)
    trajectory: dict[str, list[float | None]] = field(default_factory=dict)
    seconds: float = 0.0
    key: str = ""

    @property
    def score(self) -> float:
        """The sum of the points."""
        return sum(check.points for check in self.checks)

    @property
    def max_score(self) -> float:
        """What the assignment gives at most."""
        return sum(check.max_points for check in self.checks)

    def as_json(self) -> str:
        """As ``result.json`` has it; ``from_json`` reads it."""
        return json.dumps(
            {"score": self.score, "max_score": self.max_score} | vars(self), ensure_ascii=False, default=vars
        )

    @classmethod
    def from_json(cls, text: str) -> Result:
        """Raises ValueError, KeyError, TypeError or AttributeError where the text is of no result."""
        given: dict[str, Any] = json.loads(text)
        given = {name: value for name, value in given.items() if name not in ("score", "max_score")}
        checks, mistakes = given.pop("checks"), given.pop("mistakes")
        return cls(**given, checks=[Graded(**c) for c in checks], mistakes=[Mistake(**m) for m in mistakes])
