"""From the answers to a result: the judgement of a check, the points for it, and what a student is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from compare.check.check import Settings, unnamed, with_names
from compare.check.finding import SINGLE
from compare.check.naming import FEW
from compare.check.readings import Reading
from compare.check.report import CheckReport
from compare.check.subject import FORWARD, GRADIENT, UPDATE, Subject
from compare.diagnosis.case import Case, Observed
from compare.diagnosis.judging import ratios
from compare.grade.asking.questions import Questions
from compare.grade.assignment import Assignment
from compare.grade.judging.named import acquitted
from compare.grade.judging.points import graded
from compare.grade.judging.seen import Seen
from compare.grade.judging.walk import walk
from compare.grade.result import CHECKS, Graded, Mistake, Result
from compare.grade.submitted import Submitted
from compare.submission.conventions import Conventions


def judged(
    subject: Subject,
    steps: Sequence[tuple[Case, Observed]],
    questions: Questions,
    stated: Conventions,
    form: Conventions,
    assignment: Assignment,
    seed: int,
) -> Seen:
    """What is known of anything that answers the questions, but for the names; ``steps``: of its trajectory."""
    reading = Reading.stated(stated)
    settings = Settings(seed=seed, strict=assignment.strict, layers=assignment.layers, large=False, examples=False)
    with np.errstate(all="ignore"):  # any numbers can come
        report = unnamed(subject, "", reading, settings, assignment.layers, biased=form.biases != "none")
        update = report.examination.parts.get(UPDATE)
        return Seen(report, walk(questions.walk, steps, update.reading if update else reading))


def with_mistakes(seen: Seen) -> Seen:
    """The same with the names of the mistakes."""
    with np.errstate(all="ignore"):
        return replace(seen, report=with_names(seen.report))


def result_of(student: str, seen: Seen, assignment: Assignment, told: Sequence[str] = (), printed: str = "") -> Result:
    """Points, reasons and pictures; ``told``: in which form it was asked."""
    checks = graded(seen, assignment)
    passed = {check.name for check in checks if check.status == "passed"}
    passed -= seen.given.holds.keys() | seen.given.stands.keys()
    mistakes = _mistakes(seen.report, passed if FORWARD in seen.report.diagnosis.functions else passed - {FORWARD})
    return Result(
        student,
        "graded",
        checks,
        shown=_shown(mistakes, seen.report.examination.of_single_precision, assignment.hints),
        mistakes=mistakes,
        conventions=[*told, *seen.report.conventions],
        printed=printed,
        heatmaps=_heatmaps(seen.report),
        trajectory={"own": list(seen.walk.own), "expected": list(seen.walk.expected)},
    )


def _mistakes(report: CheckReport, passed: set[str]) -> list[Mistake]:
    """Those of the explanations in which none is made where a check has passed; none of more than help."""
    explanations = report.explanations
    if hypotheses := report.diagnosis.hypotheses:
        pairs = zip(explanations, hypotheses, strict=False)
        explanations = [ones for ones, hypothesis in pairs if not any(acquitted(made, passed) for made in hypothesis)]
    sure: dict[Mistake, float] = {}
    for named in (named for ones in explanations for named in ones):  # one mistake may be part of several
        mistake = Mistake(**vars(named) | {"confidence": 0.0})
        sure[mistake] = sure.get(mistake, 0.0) + 1 / len(explanations)
    found = [replace(mistake, confidence=min(1.0, confidence)) for mistake, confidence in sure.items()]
    return found if len(explanations) <= FEW else []


def _shown(mistakes: list[Mistake], single: bool, hints: str) -> list[str]:
    if hints == "none":
        return []
    if single:
        return [SINGLE]
    return list(dict.fromkeys(_told_of(mistake, hints) for mistake in mistakes))


def _told_of(mistake: Mistake, hints: str) -> str:
    """One that is not in every explanation is one of several that it may be."""
    words = mistake.hint if hints == "hint" else f"{mistake.name} ({mistake.equation}): {mistake.explanation}"
    return words if mistake.confidence == 1 else f"Perhaps: {words}"


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


def not_gradable(submitted: Submitted, assignment: Assignment, message: str) -> Result:
    """Every check not run, and why."""
    checks = [
        Graded(name, "not run", 0.0, assignment.points[name], "not run, as the file cannot be graded")
        for name in CHECKS
        if name in assignment.points
    ]
    return Result(submitted.student, "not gradable", checks, message)


def worst(trials: list[Result]) -> Result:
    """Of several trials, each check as it was where it went worst."""
    first = min(trials, key=lambda result: result.score)
    columns = zip(*(trial.checks for trial in trials), strict=True)
    return replace(first, checks=[min(column, key=lambda check: check.points) for column in columns])
