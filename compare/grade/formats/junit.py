"""JUnit XML of a class: a suite for each student, a case for each check and one for the submission as a whole.

A failed check is a failure, as is a file that cannot be run; what was not run is skipped; a fault of the grader is an
error, and there is no score then.
"""

from __future__ import annotations

from collections.abc import Sequence

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from compare.grade.formats.words import about, points, printed, title_of
from compare.grade.result import Graded, Result
from compare.grade.telling.clean import clean, line
from compare.grade.words import shorten


def write(results: Sequence[Result], title: str, visibility: str) -> str:
    """The file, which is the teacher's: visibility is for students."""
    xml = JUnitXml(line(title))
    for result in results:
        xml.append(_suite(clean(result)))  # add_testsuite looks through all the others first
    xml.update_statistics()
    return xml.tostring().decode()


def _suite(result: Result) -> TestSuite:
    suite = TestSuite(result.student)
    graded = result.status != "not graded"
    score = {"score": f"{points(result.score):g}", "max_score": f"{points(result.max_score):g}"} if graded else {}
    mistakes = "; ".join(mistake.name for mistake in result.mistakes)
    for name, value in (score | {"status": result.status, "mistakes": mistakes, "key": result.key}).items():
        suite.add_property(name, value)
    cases = [_case(result, check) for check in result.checks]
    suite.add_testcases([_submission(result), *cases])
    return suite


def _submission(result: Result) -> TestCase:
    case = TestCase("submission", result.student, result.seconds)
    kinds = {"not gradable": Failure, "not graded": Error}
    if kind := kinds.get(result.status):
        case.result = kind(shorten(line(result.message) or result.status, 2000), result.status)
    if result.printed:
        case.system_out = printed(result)
    return case


def _case(result: Result, check: Graded) -> TestCase:
    case = TestCase(title_of(check), result.student, 0.0)
    if result.status != "graded" or check.status == "not run":
        case.result = Skipped(line(about(check)) if result.status == "graded" else f"the submission is {result.status}")
    elif check.status == "failed":
        case.result = Failure(line(about(check)) or "failed", "failed")
    return case
