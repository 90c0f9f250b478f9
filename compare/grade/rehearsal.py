"""An assignment tried out before a class meets it: what it gives to right work, to none, and to every known mistake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

import compare.diagnosis.bank  # noqa: F401 - fills MISTAKES
from compare.check.elementwise import value
from compare.check.readings import Reading
from compare.check.subject import SLOTS
from compare.commands.template import STARTING_FILE
from compare.diagnosis.case import Case, Fault, Observed, Shown
from compare.diagnosis.derivation import Derivation, Planted, of_z
from compare.diagnosis.facts import close
from compare.diagnosis.mistake import MISTAKES, Mistake
from compare.grade.asking.asked import Runs
from compare.grade.asking.for_student import questions_for
from compare.grade.asking.questions import begun
from compare.grade.assignment import Assignment
from compare.grade.judging.given import given
from compare.grade.judging.grader import Grader
from compare.grade.judging.grading import judged, result_of, with_mistakes
from compare.grade.judging.own import Anew
from compare.grade.result import Result
from compare.grade.submitted import Submitted
from compare.key import tensor
from compare.submission.conventions import Conventions
from compare.submission.loading import FUNCTIONS

RIGHT, TEMPLATE = "right work", "the template"


class Rehearsed:
    """A derivation with those mistakes, as if it were somebody's file."""

    offers = frozenset(FUNCTIONS)

    def __init__(self, planted: Sequence[Planted] = ()) -> None:
        self.derivation = Derivation(planted)

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
        return self.value(name, z), []

    def value(self, name: str, z: np.ndarray) -> np.ndarray:
        """The same without faults, of which there are none."""
        with np.errstate(all="ignore"):
            try:
                return value(name, of_z(z, self.derivation.planted))
            except (ValueError, IndexError, KeyError):  # a mistake about more than a function of z
                return value(name, of_z(z))


def rehearse(assignment: Assignment, sandbox: Runs, names: Iterable[str] = MISTAKES) -> Iterator[tuple[str, Result]]:
    """What it gives: to RIGHT, to the TEMPLATE, and to the mistakes of those names, made in every layer."""
    yield RIGHT, _of(assignment, RIGHT, ())
    template = Submitted(TEMPLATE, STARTING_FILE.read_bytes(), STARTING_FILE.name)
    yield TEMPLATE, Grader(assignment, sandbox).result(template)
    for name in names:
        yield name, _of(assignment, name, MISTAKES[name].planted())


def _of(assignment: Assignment, student: str, planted: Sequence[Planted]) -> Result:
    subject, stated, seed = Rehearsed(planted), Conventions.parse(assignment.conventions), assignment.seed(student, 0)
    questions = questions_for(stated, seed, assignment.layers, assignment.strict)
    steps = begun(questions.walk, subject.observe)
    seen = judged(subject, steps, questions, stated, stated, assignment, seed)
    anew = Anew(functions=lambda _: subject, cases=lambda _: subject)
    found = given(seen.report, subject, anew, questions.cases, Reading.stated(stated))
    return result_of(student, with_mistakes(replace(seen, given=found)), assignment)


def is_right(mistake: Mistake, assignment: Assignment) -> bool:
    """Whether, under the assignment's conventions, it changes no number: a mean where a mean is stated."""
    stated, made = Conventions.parse(assignment.conventions), Rehearsed(mistake.planted())
    questions = questions_for(stated, 0, assignment.layers, assignment.strict)
    for case in questions.cases:  # in their order, as it may keep something from one to the next
        shown, right = made.observe(case), Rehearsed().observe(case)
        keys = right.shown()
        if shown.shown() != keys or any(not close(tensor(shown.trace, k), tensor(right.trace, k)) for k in keys):
            return False
    z = questions.zs[0]
    return all(np.allclose(made.value(name, z), Rehearsed().value(name, z), rtol=1e-9, atol=0) for name in SLOTS)
