"""One submission from its bytes to its result: asked in the sandbox, and judged when its process has ended."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from compare.check.check import Settings, check_subject
from compare.check.forms import different
from compare.check.readings import Reading
from compare.check.report import CheckReport
from compare.check.subject import GRADIENT, UPDATE, Subject
from compare.diagnosis.autograd import foreseen
from compare.diagnosis.case import Case, Observed
from compare.diagnosis.judging import ratios, roundings
from compare.grade.asking.asked import Asked, NotGradableError, Runs, ask
from compare.grade.asking.for_student import questions_for
from compare.grade.asking.questions import FORM_FOUND, Questions, askable
from compare.grade.assignment import Assignment
from compare.grade.judging.points import Seen, graded
from compare.grade.judging.walk import walk
from compare.grade.result import CHECKS, Graded, Mistake, Result
from compare.grade.sandbox import Limits
from compare.grade.submitted import Submitted
from compare.grade.telling.clean import plain
from compare.submission.conventions import Conventions

PRECISIONS = [roundings("float64", absolute=absolute) for absolute in (False, True)]


@dataclass(frozen=True)
class Grader:
    """Grades by one assignment, in one sandbox."""

    assignment: Assignment
    sandbox: Runs

    def result(self, submitted: Submitted) -> Result:
        """The result of one student; whatever the file does, this returns."""
        (result,) = self.results([submitted])
        return result

    def results(self, several: Sequence[Submitted], seconds: float = math.inf) -> Iterator[Result]:
        """Those of several students: when their processes have ended, all right answers are worked out together.

        Of the last ones none come where asking has taken so many seconds before it was their turn.
        """
        until = time.monotonic() + seconds
        first = [self._first(one) for k, one in enumerate(several) if k == 0 or time.monotonic() < until]
        with foreseen([case for asked in first if isinstance(asked, Asked) for case in asked.cases], PRECISIONS):
            yield from map(self._result, several, first)

    def _first(self, submitted: Submitted) -> Asked | NotGradableError:
        """Asked with the numbers of the first trial."""
        try:
            return self._ask(submitted, self._questions(submitted, 0))
        except NotGradableError as e:
            return e

    def _result(self, submitted: Submitted, first: Asked | NotGradableError) -> Result:
        began = time.perf_counter()
        try:
            if isinstance(first, NotGradableError):
                raise first
            trials = [self._trial(submitted, k, None if k else first) for k in range(self.assignment.trials)]
        except NotGradableError as e:
            return _not_gradable(submitted, self.assignment, str(e))
        return replace(_worst(trials), seconds=round(first.run.seconds + time.perf_counter() - began, 3))

    def _trial(self, submitted: Submitted, trial: int, first: Asked | None) -> Result:
        """Asked with the numbers of one seed; in further forms, if it is wrong in the first."""
        seed, L = self.assignment.seed(submitted.student, trial), self.assignment.layers
        result, others = self._judged(submitted, first or self._ask(submitted, self._questions(submitted, trial)), seed)
        for form in others:
            if result and result.score == result.max_score:
                break
            found, _ = self._judged(submitted, self._ask(submitted, questions_for(form, seed, L, strict=True)), seed)
            result = max(filter(None, (result, found)), key=lambda one: one.score, default=None)
        if result is None:
            raise NotGradableError("its answers are in no form that can be asked for")
        return result

    def _questions(self, submitted: Submitted, trial: int) -> Questions:
        stated, seed = Conventions.parse(self.assignment.conventions), self.assignment.seed(submitted.student, trial)
        return questions_for(stated, seed, self.assignment.layers, self.assignment.strict)

    def _ask(self, submitted: Submitted, questions: Questions) -> Asked:
        limits = Limits(self.assignment.limits.seconds, self.assignment.limits.megabytes)
        return ask(self.sandbox, submitted, questions, limits)

    def _judged(self, submitted: Submitted, asked: Asked, seed: int) -> tuple[Result | None, tuple[Conventions, ...]]:
        """No result where it has to be asked in another form, of those that come second."""
        questions, run, recorded, form = asked.questions, asked.run, asked.recorded, asked.recorded.form
        if recorded.silent and recorded.silent.function == FORM_FOUND:  # where it hangs is seen in the stated form
            if questions.strict:
                raise NotGradableError(f"the file {run.how}")
            return None, (form.stated,)
        if not askable(questions, form.form):
            return None, (form.form, *form.others)
        seen = judged(recorded, asked.steps, questions, form.stated, form.form, self.assignment, seed)
        seen = replace(seen, silent=recorded.silent, how=run.how)
        told = different(Conventions.parse(self.assignment.conventions), form.form)
        return result_of(submitted.student, seen, self.assignment, told, plain(run.printed)), form.others


def judged(
    subject: Subject,
    steps: Sequence[tuple[Case, Observed]],
    questions: Questions,
    stated: Conventions,
    form: Conventions,
    assignment: Assignment,
    seed: int,
) -> Seen:
    """What is known of anything that answers the questions; ``steps``: of its trajectory."""
    reading = Reading(stated.factor, stated.summed)
    settings = Settings(seed=seed, strict=assignment.strict, layers=assignment.layers, large=False)
    with np.errstate(all="ignore"):  # any numbers can come
        report = check_subject(subject, "", reading, settings, assignment.layers, biased=form.biases != "none")
        update = report.examination.parts.get(UPDATE)
        return Seen(report, walk(questions.walk, steps, update.reading if update else reading))


def result_of(student: str, seen: Seen, assignment: Assignment, told: Sequence[str] = (), printed: str = "") -> Result:
    """Points, reasons and pictures; ``told``: in which form it was asked."""
    mistakes = [Mistake(**vars(named)) for ones in seen.report.explanations for named in ones]
    return Result(
        student,
        "graded",
        graded(seen, assignment),
        shown=_shown(mistakes, assignment.hints),
        mistakes=mistakes,
        conventions=[*told, *seen.report.conventions],
        printed=printed,
        heatmaps=_heatmaps(seen.report),
        trajectory={"own": list(seen.walk.own), "expected": list(seen.walk.expected)},
    )


def _shown(mistakes: list[Mistake], hints: str) -> list[str]:
    if hints == "none":
        return []
    if hints == "hint":
        return list(dict.fromkeys(mistake.hint for mistake in mistakes))
    return [f"{mistake.name} ({mistake.equation}): {mistake.explanation}" for mistake in mistakes]


def _heatmaps(report: CheckReport) -> dict[str, list[list[float | None]]]:
    """r of every element of the gradient, in the first case."""
    part = report.examination.parts.get(GRADIENT)
    if part is None or "batch" not in part.judged:
        return {}
    with np.errstate(all="ignore"):
        return {
            f"{key.name}[{key.layer}]": [[float(f"{r:.3g}") if np.isfinite(r) else None for r in row] for row in rows]
            for key, difference in part.judged["batch"].differences.items()
            if key.name in ("nabla_b", "nabla_w")
            for rows in [np.atleast_2d(ratios(*difference))]
        }


def _not_gradable(submitted: Submitted, assignment: Assignment, message: str) -> Result:
    checks = [
        Graded(name, "not run", 0.0, assignment.points[name], "not run, as the file cannot be graded")
        for name in CHECKS
        if name in assignment.points
    ]
    return Result(submitted.student, "not gradable", checks, message)


def _worst(trials: list[Result]) -> Result:
    """Of several trials, each check as it was where it went worst."""
    first = min(trials, key=lambda result: result.score)
    columns = zip(*(trial.checks for trial in trials), strict=True)
    return replace(first, checks=[min(column, key=lambda check: check.points) for column in columns])
