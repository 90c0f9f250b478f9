"""A student's page: one file of HTML with nothing to load and nothing that runs.

The names of the mistakes are not on it: only what ``shown`` has, by the assignment's hint level.
"""

from __future__ import annotations

from dataclasses import replace

from compare.grade.result import EQUATIONS, Result
from compare.grade.telling import curves, heatmap
from compare.grade.telling.clean import clean, line
from compare.grade.telling.environment import render
from compare.grade.words import shorten

PRINTED = 20_000  # characters of what was printed


def student_page(result: Result, title: str) -> str:
    """The page, as HTML. What names a mistake is taken away before anything is drawn."""
    seen = clean(replace(result, mistakes=[]))
    own, expected = (seen.trajectory.get(name, []) for name in ("own", "expected"))
    return render(
        "student.html",
        title=line(title),
        result=seen,
        equations=EQUATIONS,
        tally={status: sum(c.status == status for c in seen.checks) for status in ("passed", "failed", "not run")},
        pictures=heatmap.pictures(seen.heatmaps),
        legend=heatmap.LEGEND,
        trajectory=curves.trajectory(own, expected),
        ends=_ends(own, expected),
        printed=shorten(seen.printed, PRINTED),
    )


def _ends(own: list[float | None], expected: list[float | None]) -> str:
    """The last costs in words, for those who do not see the picture."""
    if not own or not expected:
        return ""
    mine, right = ("no number" if costs[-1] is None else f"{costs[-1]:.4g}" for costs in (own, expected))
    return f"After step {max(len(own), len(expected))} your cost is {mine}; expected: {right}."
