"""A class as it hands in: each student gets what is just."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from grade_one import sandbox
from planted import faults
from sandbox_runs import needs_sandbox

from compare.grade.assignment_file import load
from compare.grade.finding.submissions import find
from compare.grade.judging import grading, points
from compare.grade.judging.grader import Grader
from compare.grade.result import CHECKS, Result
from torch_ref.threads import one_thread

pytestmark = [needs_sandbox, pytest.mark.usefixtures("without_shapes")]
STUDENTS = Path(__file__).parent.parent / "examples" / "students"
ASSIGNMENT = load(STUDENTS / "assignment.toml")
EXPECTED = tomllib.loads((STUDENTS / "expected.toml").read_text(encoding="utf-8"))
KEYS = {"thought", "status", "failed", "not_run", "named", "conventions", "says"}
SUBMITTED = {submitted.student: submitted for submitted in find(STUDENTS)}
catches, test_a_planted_fault_is_caught = faults("compare")


@functools.cache
def given(student: str) -> Result:
    """What the student gets, worked out once."""
    with one_thread():
        return Grader(ASSIGNMENT, sandbox()).result(SUBMITTED[student])


def lost(expected: dict) -> dict[str, str]:
    """The checks that give no points, and why."""
    if expected.get("status"):
        return dict.fromkeys(CHECKS, "not run")
    return dict.fromkeys(expected.get("failed", []), "failed") | dict.fromkeys(expected.get("not_run", []), "not run")


def just_score(expected: dict) -> float:
    return sum(most for check, most in ASSIGNMENT.points.items() if check not in lost(expected))


def injustices(result: Result, expected: dict) -> Iterator[str]:
    """All that is otherwise than it should be."""
    if result.status != expected.get("status", "graded"):
        yield f"is {result.status}: {result.message}"
    for check in result.checks:
        status = lost(expected).get(check.name, "passed")
        if (check.status, check.points) != (status, check.max_points if status == "passed" else 0):
            yield f"{check.name} {check.status} with {check.points} points, should be {status}: {check.reason}"
    yield from of_names(result, expected.get("named", []))
    yield from of_conventions(result, expected.get("conventions", []))
    told = {check.name: check.reason for check in result.checks} | {"file": result.message}
    yield from (f"{what}: {told[what]}" for what, words in expected.get("says", {}).items() if words not in told[what])


def of_names(result: Result, named: list[str]) -> Iterator[str]:
    """Mistakes that are not named, or not told; and, of those who should not be accused, what they are accused of."""
    names = {mistake.name for mistake in result.mistakes}
    yield from (f"{name} is not named" for name in named if name not in names)
    yield from (f"{name} is not told" for name in named if not any(name in line for line in result.shown))
    yield from () if named else (f"is accused of {name}" for name in names)


def of_conventions(result: Result, parts: list[str]) -> Iterator[str]:
    """What is not said of the form, and what is said that nobody expects."""
    said = result.conventions
    yield from (f"the form is not told: {part}" for part in parts if not any(part in one for one in said))
    yield from (f"the form is told to be: {one}" for one in said if not any(part in one for part in parts))


def table() -> Iterator[str]:
    """The lines of the README, one a student."""
    for student in sorted(EXPECTED):
        expected = EXPECTED[student]
        yield f"| {student} | {expected['thought']} | {just_score(expected):g} |"


def test_every_file_of_the_folder_is_a_student_with_an_expectation():
    assert set(SUBMITTED) == set(EXPECTED)
    assert len(EXPECTED) >= 25
    assert not [submitted.student for submitted in SUBMITTED.values() if submitted.problem]


@pytest.mark.parametrize("student", EXPECTED)
def test_an_expectation_says_what_can_be_held(student):
    expected = EXPECTED[student]
    assert set(expected) <= KEYS
    assert expected["thought"].endswith(".")
    assert set(lost(expected)) <= set(ASSIGNMENT.points)
    assert ("trajectory" in lost(expected)) >= ("update" in lost(expected)), "the trajectory builds on the update"


@pytest.mark.parametrize("student", EXPECTED)
def test_a_student_gets_what_is_just(student):
    assert list(injustices(given(student), EXPECTED[student])) == []


def test_the_readme_has_the_scores():
    readme = (STUDENTS / "README.md").read_text(encoding="utf-8")
    assert [line for line in readme.splitlines() if line.startswith("| ")][1:] == list(table())
    assert "backproof grade examples/students --assignment examples/students/assignment.toml --out" in readme


def test_whoever_copied_has_the_same_rare_mistake():
    pavel, renata = given("pavel"), given("renata")
    assert pavel.mistakes == renata.mistakes != []
    assert [check.status for check in pavel.checks] == [check.status for check in renata.checks]


def test_what_a_student_prints_is_kept_and_changes_nothing():
    assert "backprop done!!!" in given("rosa").printed
    assert given("rosa").score == given("rosa").max_score


def points_for_a_failed_check(name, most, report):
    return replace(POINTS(name, most, report), points=most)


def nothing_is_carried_forward(name, most, report):
    found = POINTS(name, most, report)
    return replace(found, status="failed", points=0.0) if found.carried else found


def full_points(name, most, report):
    return replace(POINTS(name, most, report), status="passed", points=most)


POINTS = points._equation  # the grader's own, whatever is planted in its place
SHOWN = grading._shown


@pytest.mark.parametrize("student", ["ben", "zoe", "maria", "igor"])
@catches("points for a failed check", "grade.judging.points._equation", points_for_a_failed_check, student="zoe")
@catches("every check passes", "grade.judging.points._equation", full_points, student="zoe")
@catches("nothing is carried forward", "grade.judging.points._equation", nothing_is_carried_forward, student="zoe")
@catches("no mistake is named", "check.report.CheckReport.explanations", property(lambda self: []), student="zoe")
@catches(
    "the name is kept from the student",
    "grade.judging.grading._shown",
    lambda mistakes, single, _: SHOWN(mistakes, single, "hint"),
    student="zoe",
)
@catches(
    "float32 costs all that is made of it", "grade.judging.points.right_all_the_same", lambda *_: False, student="maria"
)
@catches("what backprop keeps costs the update", "grade.judging.judgement.doubtful", lambda _: False, student="igor")
@catches("the form is not told", "grade.judging.grader.different", lambda *_: [], student="ben")
def test_a_student_who_is_graded_alone_gets_what_is_just(student):
    with one_thread():
        result = Grader(ASSIGNMENT, sandbox()).result(SUBMITTED[student])
    assert list(injustices(result, EXPECTED[student])) == []
