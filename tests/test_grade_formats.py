"""The formats: what each tool asks for, with anything that a student can write; and a fault of ours is no zero."""

from __future__ import annotations

import base64
import csv
import io
import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from graded import NAMES, NASTY, a_class, mistake, nasty, not_gradable, not_graded, right, wrong
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import faults

from compare.grade.formats import FORMATS, check50, classroom, gradebook, gradescope, junit, prairielearn
from compare.grade.formats.words import NOT_GRADED
from compare.grade.result import CHECKS, Result
from compare.grade.telling.clean import clean, line

TITLE = "Exercise 4"
FOR_STUDENTS = {m.__name__.rpartition(".")[2]: m for m in (gradescope, prairielearn, classroom, check50)}
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=40)
catches, test_a_planted_fault_is_caught = faults("compare.grade")


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


def read(name, text):
    """As the tool would: fails where it could not."""
    text.encode()
    if name == "junit":
        return ElementTree.fromstring(text)
    if name == "csv":
        rows = list(csv.reader(io.StringIO(text), strict=True))
        assert len({len(row) for row in rows}) == 1
        return rows
    return json.loads(base64.b64decode(text.strip(), validate=True) if name == "classroom" and text[0] != "[" else text)


def as_if_graded(result, visibility="visible"):
    """A slip: a fault of the grader is taken for a result."""
    return clean(replace(result, status="graded", mistakes=[]))


def with_names(result, **changed):
    """A slip: the names are taken for what may be shown."""
    return replace(result, shown=[mistake.name for mistake in result.mistakes])


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40)
@given(words=ANYTHING)
def test_whatever_a_student_writes_can_be_read(name, words):
    for result in (
        nasty(words),
        replace(nasty(words), status="not gradable"),
        replace(nasty(words), status="not graded"),
    ):
        read(name, FORMATS[name]([result], words, "visible"))
    assert len(read(name, FORMATS[name]([nasty(words), nasty("b")], words, "visible"))) in (2, 3)


@catches("cursor movements stay", "telling.clean.plain", lambda words: words)
def test_hostile_text_can_be_read_in_every_format():
    for name, write in FORMATS.items():
        for words in NASTY:
            text = write([nasty(words)], TITLE, "visible")
            assert all(c.isprintable() or c == "\n" for c in text)
            read(name, text)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("size", [0, 1, 30])
def test_every_format_takes_nobody_one_and_many(name, size):
    read(name, FORMATS[name](a_class(size), TITLE, "visible"))


@pytest.mark.parametrize("name", FOR_STUDENTS)
def test_several_results_are_a_list_with_the_students(name):
    whole = json.loads(FORMATS[name]([right(), wrong()], TITLE, "visible"))
    assert [one["student"] for one in whole] == ["ada", "bob"]
    one = FORMATS[name]([wrong()], TITLE, "visible")
    assert whole[1]["results"] == (one.strip() if name == "classroom" else json.loads(one))


@catches("the names are shown", "formats.words.replace", with_names)
def test_no_format_for_students_names_a_mistake():
    for module in FOR_STUDENTS.values():
        text = json.dumps(module.of(wrong(shown=[]), TITLE, "visible"), ensure_ascii=False)
        assert NAMES[0] not in text
        assert mistake().hint not in text


@catches("everything is told", "formats.prairielearn.told", lambda result, visibility: clean(result))
def test_what_may_not_be_seen_yet_is_not_there():
    for name in ("prairielearn", "classroom", "check50"):
        text = json.dumps(FOR_STUDENTS[name].of(wrong(), TITLE, "after_due_date"), ensure_ascii=False)
        assert "rounding can explain" not in text
        assert wrong().shown[0] not in text
        assert "loss: 0.52" not in text


def test_gradescope_has_scores_reasons_and_visibility_for_each_test():
    found = gradescope.of(wrong(), TITLE, "after_published")
    assert (found["score"], found["visibility"], found["stdout_visibility"]) == (12.0, "after_published", "hidden")
    assert [test["number"] for test in found["tests"]] == [str(k) for k in range(1, 10)]
    assert {test["visibility"] for test in found["tests"]} == {"after_published"}
    assert sum(test["score"] for test in found["tests"]) == found["score"]
    bp1, bp3, last = (found["tests"][k] for k in (3, 5, 8))
    assert (bp1["status"], bp1["max_score"]) == ("failed", 2.0)
    assert bp1["output"] == wrong().checks[3].reason
    assert bp3["output"] == f"Credit carried forward: {wrong().checks[5].reason}"
    assert bp3["tags"] == ["passed", "carried forward"]
    assert last["status"] == "failed"
    assert "(not run)" in last["name"]
    assert "loss: 0.52" in found["output"]


@catches("a fault of the grader is a zero", "formats.gradescope.told", as_if_graded)
def test_gradescope_gets_no_score_where_nothing_was_graded():
    for result in (not_graded(), replace(wrong(), status="not graded")):
        found = gradescope.of(result, TITLE, "hidden")
        assert "score" not in found
        assert "tests" not in found
        assert (found["output"], found["visibility"]) == (NOT_GRADED, "visible")


def test_gradescope_gives_no_points_for_a_file_that_cannot_be_run():
    found = gradescope.of(replace(wrong(), status="not gradable", message="line 3"), TITLE, "visible")
    assert found["score"] == 0.0
    assert "line 3" in found["output"]


def test_prairielearn_has_a_share_of_the_points_and_stays_small():
    found = prairielearn.of(wrong(printed="σ" * 10**6, message="δ" * 10**6), TITLE, "visible")
    assert found["gradable"] is True
    assert found["score"] == pytest.approx(12 / 19, abs=1e-6)
    assert {*found["tests"][3]} == {"name", "description", "points", "max_points", "message", "output"}
    assert len(prairielearn.write([wrong(printed="σ" * 10**6)], TITLE, "visible").encode()) < 1_000_000
    assert prairielearn.of(replace(right(), checks=[]), TITLE, "visible")["score"] == 0.0


@catches("a fault of the grader costs an attempt", "formats.prairielearn.told", as_if_graded)
def test_prairielearn_counts_no_attempt_where_nothing_could_be_judged():
    for result, words in ((not_gradable(), "line 12: SyntaxError"), (not_graded(), "not your fault")):
        found = prairielearn.of(result, TITLE, "visible")
        assert found["gradable"] is False
        assert "score" not in found
        assert words in found["message"]
        assert words in found["format_errors"][0]


def test_classroom_is_base64_of_what_its_reporter_adds_up():
    found = read("classroom", classroom.write([wrong()], TITLE, "visible"))
    assert (found["version"], found["status"], found["max_score"]) == (3, "fail", 19.0)
    assert sum(test["score"] for test in found["tests"]) == 12.0
    assert [test["status"] for test in found["tests"]] == ["pass"] * 3 + ["fail"] * 2 + ["pass"] * 3 + ["error"]
    assert classroom.of(right(), TITLE, "visible")["status"] == "pass"


@catches("a fault of the grader is a zero", "formats.classroom.told", as_if_graded)
def test_classroom_gets_no_points_to_report_where_nothing_was_graded():
    lost = classroom.of(replace(wrong(), status="not graded"), TITLE, "visible")
    assert (lost["status"], lost["max_score"], lost["message"]) == ("error", 0, NOT_GRADED)
    assert [test["status"] for test in lost["tests"]] == ["error"]
    stopped = classroom.of(not_gradable(), TITLE, "visible")
    assert (stopped["max_score"], sum(test["score"] for test in stopped["tests"])) == (19.0, 0.0)


@catches("not run is failed", "formats.check50.PASSED", {"passed": True, "failed": False, "not run": False})
def test_check50_tells_passed_failed_and_not_run_apart():
    found = {one["name"]: one for one in check50.of(wrong(), TITLE, "visible")["results"]}
    passed = [one["passed"] for one in found.values()]
    assert passed == [True, True, True, True, False, False, True, True, True, None]
    assert found["BP1"]["cause"]["help"] == wrong().shown[0]
    assert found["trajectory"]["cause"]["rationale"] == wrong().checks[8].reason
    assert found["sigmoid"]["cause"] is None
    assert found["BP3"]["data"]["carried"] is True


@catches("a fault of the grader is a result", "formats.check50.told", as_if_graded)
def test_check50_tells_a_file_that_stops_from_a_grader_that_does():
    stopped = check50.of(not_gradable(), TITLE, "visible")["results"]
    assert [one["passed"] for one in stopped] == [False] + [None] * 9
    assert {one["dependency"] for one in stopped[1:]} == {stopped[0]["name"]}
    lost = check50.of(not_graded(), TITLE, "visible")
    assert "results" not in lost
    assert lost["error"]["value"] == NOT_GRADED


def test_junit_has_a_suite_for_each_student_and_tells_failures_skipped_and_errors_apart():
    xml = ElementTree.fromstring(junit.write([right(), wrong(), not_gradable(), not_graded()], TITLE, "hidden"))
    kinds = ("tests", "failures", "errors", "skipped")
    found = {suite.get("name"): tuple(int(suite.get(kind)) for kind in kinds) for suite in xml}
    assert found == {"ada": (10, 0, 0, 0), "bob": (10, 2, 0, 1), "eve": (10, 1, 0, 9), "mallory": (1, 0, 1, 0)}
    assert tuple(int(xml.get(kind)) for kind in kinds) == (31, 3, 1, 10)
    told = {suite.get("name"): {p.get("name"): p.get("value") for p in suite.iter("property")} for suite in xml}
    assert (told["bob"]["score"], told["bob"]["mistakes"]) == ("12", NAMES[0])
    assert "score" not in told["mallory"]


def test_junit_keeps_students_apart_who_look_alike():
    xml = ElementTree.fromstring(junit.write([right("a\x00"), right("a\x01")], TITLE, "hidden"))
    assert [len(suite.findall("testcase")) for suite in xml] == [10, 10]


def test_the_gradebook_has_a_column_for_each_equation_and_no_zero_for_what_was_not_graded():
    first, second, third, fourth = table(gradebook.write([right(), wrong(), not_gradable(), not_graded()], "", ""))
    assert [*first][:4] == ["student_id", "score", "max_score", "status"]
    assert [*first][4:13] == [*CHECKS]
    assert (first["score"], second["score"], second["BP1"], second["mistakes"]) == ("19", "12", "0", NAMES[0])
    assert (third["score"], third["max_score"], third["status"]) == ("0", "19", "not gradable")
    assert {fourth[name] for name in ("score", "max_score", *CHECKS)} == {""}
    assert fourth["message"] == not_graded().message


@catches("formulas stay", "formats.gradebook.safe", line)
def test_no_cell_of_the_gradebook_is_a_formula():
    rows = csv.reader(io.StringIO(gradebook.write([nasty(words) for words in NASTY], "", "")))
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "'=HYPERLINK('x')" in cells
    assert "'-1" in cells


@given(ANYTHING)
def test_no_cell_is_a_formula_whatever_it_holds(words):
    assert not gradebook.safe(words).lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))


@given(ANYTHING)
def test_a_clean_result_is_read_from_its_json_as_it_was_written(words):
    result = clean(nasty(words))
    text = result.as_json()
    json.loads(text, parse_constant=pytest.fail)
    assert Result.from_json(text) == result


@pytest.mark.parametrize("of", [right, wrong, not_gradable, not_graded])
def test_cleaning_changes_nothing_that_is_clean(of):
    assert clean(of()) == of()
    assert Result.from_json(of().as_json()) == of()
