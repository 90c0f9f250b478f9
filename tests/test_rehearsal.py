"""An assignment is tried out: right work has all points, the template none, and what would be missed is told."""

from __future__ import annotations

import io

import pytest
from grade_one import assignment
from planted import faults

from compare.diagnosis.derivation import Derivation
from compare.diagnosis.mistake import MISTAKES
from compare.grade.judging.given import Given
from compare.grade.rehearsal import RIGHT, TEMPLATE, is_right, rehearse
from compare.grade.rehearsal_job import told
from compare.grade.sandbox import Run
from torch_ref.terminal import Output

catches, test_a_planted_fault_is_caught = faults("compare.grade")
pytestmark = pytest.mark.usefixtures("without_shapes")

BP2, MINUS, DOUBLED, MEAN, NO_SHAPE = (
    "σ′ left out of BP2",
    "σ of −z",
    "∂C/∂a doubled",
    "∇w a mean in place of a sum",
    "w not transposed in BP2",
)


class Nothing:
    """A sandbox in which the template ends at once."""

    def run(self, *_, **__):
        return Run(b"", "ended with exit code 0 before all answers were there", "", 0.0)


def rehearsed(*names, **more):
    """The results, the exit code, and what is printed."""
    given = assignment(**more)
    found = dict(rehearse(given, Nothing(), names))
    console = Output(file=io.StringIO(), width=200)
    return found, told(given, found, console), console.file.getvalue()


@catches("mistakes are not made", "rehearsal.Derivation", lambda planted: Derivation())
def test_right_work_has_all_points_the_template_none_and_a_mistake_loses_some():
    found, code, out = rehearsed(BP2)
    assert (found[RIGHT].score, found[TEMPLATE].score, found[BP2].score) == (9.0, 0.0, 7.0)
    assert code == 0
    assert "1 of 1 known mistakes cost points" in out


def test_a_mistake_whose_shapes_do_not_fit_costs_points_too():
    found, _, _ = rehearsed(NO_SHAPE)
    assert found[NO_SHAPE].score < 9.0


@catches("nothing is carried forward", "rehearsal.given", lambda *_: Given())
def test_a_mistake_costs_what_it_would_cost_a_student():
    found, _, _ = rehearsed(MINUS)
    lost = [check.name for check in found[MINUS].checks if check.status != "passed"]
    assert lost == ["sigmoid", "trajectory"]


@catches("what is missed is not told", "rehearsal_job.is_right", lambda mistake, assignment: True)
def test_a_mistake_that_costs_nothing_is_told_with_exit_code_1():
    found, code, out = rehearsed(BP2, points={"sigmoid": 1.0})
    assert found[BP2].score == found[BP2].max_score == 1.0
    assert code == 1
    assert "missed: σ′ left out of BP2 (BP2) costs nothing" in out


def test_another_cost_is_a_convention_but_where_the_assignment_is_strict():
    _, code, out = rehearsed(DOUBLED)
    assert code == 0
    assert f"taken for a convention: {DOUBLED}: " in out
    found, code, _ = rehearsed(DOUBLED, strict=True)
    assert (code, found[DOUBLED].score < 9.0) == (0, True)


def test_what_is_right_under_the_assignments_conventions_does_not_count():
    _, code, out = rehearsed(MEAN)
    assert code == 0
    assert "0 of 0 known mistakes" in out
    given = assignment()
    assert [name for name, mistake in MISTAKES.items() if is_right(mistake, given)] == [
        MEAN,
        "∇b a mean in place of a sum",
        "∇b and ∇w a mean in place of a sum",
    ]
    _, code, out = rehearsed(MEAN, conventions={"reduction": "sum"}, strict=True)
    assert "1 of 1 known mistakes cost points" in out
