"""An assignment tried out before a class meets it: what it gives to right work, to none, and to every known mistake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

import compare.diagnosis.bank  # noqa: F401 - fills MISTAKES
from compare.commands.template import STARTING_FILE
from compare.diagnosis.case import Case, Fault, Observed, Shown
from compare.diagnosis.derivation import EQUATIONS, Derivation, Planted, Step
from compare.diagnosis.mistake import MISTAKES, Mistake
from compare.grade.asked import questions_for
from compare.grade.assignment import Assignment
from compare.grade.frames import FUNCTIONS
from compare.grade.grading import Grader, Runs, judged, result_of
from compare.grade.questions import going_on
from compare.grade.result import Result
from compare.grade.submissions import Submitted
from compare.submission.conventions import Conventions

SLOTS = {"sigmoid": "a = σ(z)", "sigmoid_prime": "σ′"}


class Rehearsed:
    """A derivation with those mistakes, as if it were somebody's file."""

    offers = frozenset(FUNCTIONS)

    def __init__(self, planted: Sequence[Planted] = ()) -> None:
        self.planted, self.derivation = planted, Derivation(planted)

    def observe(self, case: Case) -> Observed:
        """What it shows; where its shapes do not fit, it raises, as NumPy does."""
        try:
            return self.derivation.observe(case)
        except ValueError as e:
            return Observed(
                Shown(), [Fault("raised", name, f"{name} raised ValueError: {e}") for name in FUNCTIONS[2:]]
            )

    def call(self, name: str, z: np.ndarray) -> tuple[np.ndarray | None, list[Fault]]:
        """σ or σ′ of every z, by the equation as it is written in the derivation."""
        step = Step({1: np.eye(1)}, {1: np.zeros(1)}, {0: z}, z, 1.0, 1.0, 1.0, 1.0, {}, zs={1: z})
        with np.errstate(all="ignore"):
            step.activations[1] = EQUATIONS["a = σ(z)"](step, 1)
            try:
                return self._by(SLOTS[name], step), []
            except (ValueError, IndexError, KeyError):  # a mistake about more than a function of z
                return EQUATIONS[SLOTS[name]](step, 1), []

    def _by(self, slot: str, step: Step) -> np.ndarray:
        equation = EQUATIONS[slot]
        for planted in self.planted:
            if planted.equation == slot:
                return np.asarray(planted.wrong(step, 1, equation))
        return equation(step, 1)


@dataclass(frozen=True)
class Rehearsal:
    """What the assignment gives. ``mistakes``: each of the bank, made in every layer where it can be."""

    right: Result
    template: Result
    mistakes: dict[str, Result]

    @property
    def missed(self) -> list[Mistake]:
        """Those that cost no points."""
        return [MISTAKES[name] for name, result in self.mistakes.items() if result.score == result.max_score]


def rehearse(assignment: Assignment, sandbox: Runs) -> Iterator[tuple[str, Result]]:
    """What it gives: to "right", to "template", and to every mistake of the bank by its name."""
    yield "right", _of(assignment, "right", ())
    template = Submitted("template", STARTING_FILE.read_bytes(), STARTING_FILE.name)
    yield "template", Grader(assignment, sandbox).result(template)
    for name, mistake in MISTAKES.items():
        yield name, _of(assignment, name, mistake.planted())


def _of(assignment: Assignment, student: str, planted: Sequence[Planted]) -> Result:
    subject, stated, seed = Rehearsed(planted), Conventions.parse(assignment.conventions), assignment.seed(student, 0)
    questions = questions_for(stated, seed, assignment.layers, assignment.strict)
    walked: list[Observed] = []
    for case in questions.walk:
        begun = going_on(case, walked[-1]) if walked else case
        walked.append(subject.observe(begun) if begun else Observed(Shown()))
    return result_of(student, judged(subject, walked, questions, stated, stated, assignment, seed), assignment)
