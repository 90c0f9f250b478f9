"""The class on one page: for the teacher, with the mistakes by their names and a link to every student's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from compare.grade.result import Result
from compare.grade.telling import curves, tally
from compare.grade.telling.clean import clean, line, number
from compare.grade.telling.environment import render
from compare.grade.telling.names import link
from compare.grade.words import shorten

COLUMNS = 24  # mistakes in the heatmap
ROWS = 300  # students in the heatmap; of more, a row is a group of them
GROUPS = 50
NOT_HERE: dict[str, Any] = {"shown": [], "conventions": [], "printed": "", "heatmaps": {}, "trajectory": {}}


@dataclass(frozen=True)
class Student:
    """A row of the list of all students."""

    name: str
    link: str
    score: str
    status: str
    message: str
    mistakes: str


@dataclass(frozen=True)
class Row:
    """A row of the heatmap: a student or a group, and the share who made each mistake."""

    name: str
    link: str
    score: str
    shares: list[float]


def class_page(results: Sequence[Result], title: str) -> str:
    """The page, as HTML."""
    ordered = tally.in_order(results)
    cleaned = [clean(replace(result, **NOT_HERE)) for result in ordered]
    graded = [result for result in cleaned if result.status == "graded"]
    made = tally.mistakes(graded)
    most = max((result.max_score for result in graded), default=0.0)
    return render(
        "class.html",
        title=line(title),
        counts={s: sum(r.status == s for r in cleaned) for s in ("graded", "not gradable", "not graded")},
        most=most,
        spread=tally.spread(graded),
        histogram=curves.histogram([result.score for result in graded], most) if most > 0 else "",
        checks=tally.per_check(graded),
        made=made,
        rare=[(m, [_named(graded[k], ordered[k]) for k in m.by]) for m in tally.rare(made, len(graded))],
        columns=made[:COLUMNS],
        rows=_rows(graded, ordered, made[:COLUMNS]),
        grouped=len(graded) > ROWS,
        students=[_student(shown, original) for shown, original in zip(cleaned, ordered, strict=True)],
    )


def _named(shown: Result, original: Result) -> tuple[str, str]:
    """The link is made of the id as it came: so is the file's name."""
    return shorten(shown.student, 60), link(original.student)


def _student(shown: Result, original: Result) -> Student:
    score = "" if shown.status == "not graded" else f"{number(shown.score)} of {number(shown.max_score)}"
    score = "0" if shown.status == "not gradable" else score
    mistakes = ", ".join(dict.fromkeys(mistake.name for mistake in shown.mistakes))
    return Student(*_named(shown, original), score, shown.status, shorten(line(shown.message), 200), mistakes)


def _rows(graded: Sequence[Result], ordered: Sequence[Result], columns: Sequence[tally.Made]) -> list[Row]:
    if not columns:
        return []
    if len(graded) > ROWS:
        return _groups(graded, columns)
    return [
        Row(*_named(result, ordered[k]), number(result.score), [m.by.get(k, 0.0) for m in columns])
        for k, result in enumerate(graded)
    ]


def _groups(graded: Sequence[Result], columns: Sequence[tally.Made]) -> list[Row]:
    """Of neighbours in the order of the scores."""
    rows = []
    for k in range(GROUPS):
        members = range(k * len(graded) // GROUPS, (k + 1) * len(graded) // GROUPS)
        scores = {number(graded[members[0]].score): None, number(graded[members[-1]].score): None}
        shares = [sum(k in m.by for k in members) / len(members) for m in columns]
        rows.append(Row(f"{members[0] + 1} to {members[-1] + 1}", "", " to ".join(scores), shares))
    return rows
