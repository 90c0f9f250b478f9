"""``backproof merge``: whose result counts, nothing lost, no byte changed by the second time; faults are rejected."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from class_runs import call, contents, small_class
from graded import NASTY, not_gradable, not_graded, right, wrong
from planted import faults

from compare.grade import merging, whole_class
from compare.grade.result import Result
from compare.grade.telling.files import put, write_class, write_student
from compare.grade.whole_class import Class

catches, test_a_planted_fault_is_caught = faults("compare.grade")
TITLE = "Exercise 4"


def of(student, key, result=right):
    return replace(result(student), key=key * 64)


@contextmanager
def folders(**results):
    """Folders of results, by their names, beside which there is nothing."""
    with tempfile.TemporaryDirectory() as top, pytest.MonkeyPatch.context() as patch:
        patch.chdir(top)
        for name, some in results.items():
            as_graded(Path(name), some)
        yield Path(top)


def as_graded(folder, results, title=TITLE, assignment="f", students=None):
    """``students``: of the whole class, where this is a part."""
    folder.mkdir(parents=True)
    of_class = [result.student for result in results] if students is None else students
    Class(title, assignment, tuple(sorted(of_class))).write(folder)
    for result in results:
        write_student(folder, result, title)
    write_class(folder, results, title)


def read(student, folder="out"):
    return Result.from_json((Path(folder) / student / "result.json").read_text(encoding="utf-8"))


def first_come(all_of_them, say):
    """A slip: whoever comes first."""
    chosen = {}
    for found in all_of_them:
        chosen.setdefault(found.result.student, found)
    return [chosen[student] for student in sorted(chosen)]


def last_come(all_of_them, say):
    """A slip: whoever comes last, whatever it says."""
    return list({found.result.student: found for found in all_of_them}.values())


ABOUT = whole_class.read


# Merging


@catches("the pages are forgotten", "merging.PAGE", "result.json")
@catches("the class's tables are forgotten", "merging.write_class", lambda *_: None)
@catches("in the order of the folders", "merging.choose", last_come)
def test_the_parts_of_a_class_become_what_grading_it_at_once_writes():
    class_ = [of("ada", "1"), of("bob", "2", wrong), of("eve", "3", not_gradable), of("Äda/2", "4")]
    with folders(whole=sorted(class_, key=lambda result: result.student), a=class_[1:3], b=[class_[0]], c=[class_[3]]):
        code, out, err = call("merge", "out", "c", "b", "a")
        assert (code, err) == (0, "")
        assert out == "3 graded, 1 not gradable, 0 not graded; out/class.html\n"
        assert contents("out") == contents("whole")


def test_the_second_time_changes_no_byte_whatever_there_is():
    for given in (["a", "b", "c"], ["c", "b", "a"], ["out", "a", "b", "c"], ["a", "out", "c"], ["b"]):
        with folders(
            out=[of("ada", "0"), of("old", "0")],
            a=[of("ada", "1"), of("bob", "1", wrong), of("mallory", "1", not_graded)],
            b=[of("ada", "2", wrong), of("bob", "2", not_graded), of("eve", "2", not_gradable)],
            c=[replace(of("ada", "1"), seconds=9.0), of("bob", "3"), of("mallory", "3", not_graded)],
        ):
            first = call("merge", "out", *given)
            before = contents("out")
            second = call("merge", "out", *given)
            assert contents("out") == before
            assert (second[0], second[2]) == (first[0], first[2])


@catches("the last counts in any case", "merging.choose", last_come, order=("a", "b"))
@catches("the first counts in any case", "merging.choose", first_come, order=("b", "a"))
@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_what_was_not_graded_replaces_nothing_and_is_replaced(order):
    with folders(a=[of("ada", "1", wrong)], b=[of("ada", "2", not_graded)]):
        code, out, _ = call("merge", "out", *order)
        assert (code, read("ada").status) == (0, "graded")
        assert out.startswith("1 graded, ")


@catches("all is well", "ending.SOME_NOT_GRADED", 0)
def test_where_some_were_not_graded_the_exit_code_is_3():
    with folders(a=[of("ada", "1")], b=[of("bob", "2", not_graded)]):
        assert call("merge", "out", "a", "b")[0] == 3
        assert read("bob").status == "not graded"


@catches("the first counts", "merging.choose", first_come)
def test_of_two_different_results_the_last_that_is_given_counts_and_it_is_said():
    with folders(a=[of("ada", "1")], b=[of("ada", "2", wrong)]):
        code, out, err = call("merge", "out", "a", "b")
        line = "ada: a/ada and b/ada have different results; the last that is given counts\n"
        assert (code, err, read("ada").key) == (0, "", "2" * 64)
        assert out.startswith(line)
        assert call("merge", "out", "b", "a")[1].endswith("1 graded, 0 not gradable, 0 not graded; out/class.html\n")
        assert read("ada").key == "1" * 64


def test_of_two_with_one_key_either_counts_and_nothing_is_said():
    with folders(a=[of("ada", "1")], b=[replace(of("ada", "1"), seconds=7.0)]):
        assert call("merge", "out", "a", "b")[1] == "1 graded, 0 not gradable, 0 not graded; out/class.html\n"


@catches("it begins anew", "whole_class.read", lambda folder: ABOUT(folder) if folder.name != "out" else None)
def test_what_is_there_already_stays():
    with folders(out=[of("ada", "1")], a=[of("bob", "2")]):
        assert call("merge", "out", "a")[1].startswith("2 graded, ")
        assert b"ada" in contents("out")["gradebook.csv"]


def test_the_folder_to_put_them_into_can_be_one_of_them():
    with folders(a=[of("ada", "1")], b=[of("bob", "2")]):
        before = contents("a/ada")
        assert call("merge", "a", "a", "b")[0] == 0
        assert {"ada", "bob"} < {path.name for path in Path("a").iterdir()}
        assert contents("a/ada") == before


# What is broken


@catches("any is taken", "merging.store.read", lambda path: of(path.parent.name, "1"), text="{}")
@pytest.mark.parametrize("text", ["", '{"student": "ada", "sta', "[]", "null", "{}", "\x00"])
def test_a_result_that_cannot_be_read_is_left_out_and_told(text):
    with folders(a=[of("ada", "1"), of("bob", "1")]):
        put(Path("a/ada/result.json"), text)
        code, out, err = call("merge", "out", "a")
        assert (code, err) == (3, "")
        assert out.startswith("a/ada/result.json cannot be read, and is left out; grade it again\n1 graded, ")
        assert not Path("out/ada").exists()


def test_a_result_that_cannot_be_read_does_not_take_the_place_of_one_that_can():
    with folders(a=[of("ada", "1")], b=[of("ada", "2")]):
        put(Path("b/ada/result.json"), "{")
        call("merge", "out", "a", "b")
        assert read("ada").key == "1" * 64


def test_a_result_in_somebody_elses_folder_is_left_out():
    with folders(a=[of("ada", "1")]):
        Path("a/ada").rename("a/bob")
        assert "a/bob/result.json is not of the student whose folder it is in" in call("merge", "out", "a")[1]
        assert not Path("out/bob").exists()


def test_a_page_that_is_missing_is_made_from_the_result():
    with folders(a=[of("ada", "1", wrong)]):
        page = Path("a/ada/page.html")
        before = page.read_bytes()
        page.unlink()
        call("merge", "out", "a")
        assert Path("out/ada/page.html").read_bytes() == before


@catches("they stay", "merging.FILES", {})
def test_no_format_of_a_result_stays_beside_another():
    with folders(out=[of("ada", "1")], a=[of("ada", "2")], b=[of("bob", "2")]):
        put(Path("out/ada/gradescope.json"), "{}")
        put(Path("b/bob/gradescope.json"), "{}")
        call("merge", "out", "a", "b")
        assert not Path("out/ada/gradescope.json").exists()
        assert Path("out/bob/gradescope.json").read_text() == "{}"


def test_students_may_be_called_anything():
    with folders(a=[of(student, "1") for student in NASTY], b=[of("", "1")]):
        call("merge", "out", "a", "b")
        before = contents("out")
        assert len(list(Path("out").glob("*/page.html"))) == len(set(NASTY))
        call("merge", "out", "a", "b")
        assert contents("out") == before


REFUSED = {  # what is given, and what the line says of it
    "no folder": (["out", "a", "nowhere"], "nowhere has no class.json, so it is no folder of results; give those"),
    "another folder": (["out", "a", "other"], "other has no class.json, so it is no folder of results"),
    "another assignment": (["out", "a", "next"], "a is about 'Exercise 4' and next about 'Exercise 5'; give folders"),
    "into a file": (["file", "a"], "file cannot be written (File exists); once it can, the same command goes on"),
    "nothing": (["out"], "the following arguments are required: FROM; 'backproof merge --help' lists the options"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_merged_is_one_line_with_exit_code_2_and_nothing_is_written(case):
    given, words = REFUSED[case]
    with folders(a=[of("ada", "1")], other=[]):
        Path("other/class.json").write_text("[]")
        Path("file").touch()
        as_graded(Path("next"), [of("ada", "1")], "Exercise 5")
        code, out, err = call("merge", *given)
        assert (code, out) == (2, "")
        assert err.startswith(f"backproof: {words}")
        assert err.count("\n") == 1
        assert not Path("out").exists()


def test_a_full_disk_is_one_line_and_the_same_command_goes_on(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "out/bob/result.json")

    with folders(a=[of("ada", "1"), of("bob", "1")]):
        with monkeypatch.context() as patch:
            patch.setattr(merging, "write_class", full)
            code, _, err = call("merge", "out", "a")
        assert (code, err.count("\n")) == (2, 1)
        assert "out/bob/result.json cannot be written (No space left on device)" in err
        assert call("merge", "out", "a")[0] == 0


@catches("nothing is written of the class", "job.Class.write", lambda *_: None)
def test_what_grade_writes_can_be_merged():
    with small_class(ada="a = 1", bob="b = 2") as made:
        for part in (1, 2):
            assert made.grade("--shard", f"{part}/2", out=f"out/{part}")[0] == 0
        code, out, err = call("merge", made.folder / "all", made.out / "1", made.out / "2")
        assert (code, err) == (0, "")
        assert out.startswith("2 graded, ")
        made.grade(out="whole")
        assert contents(made.folder / "all") == contents(made.folder / "whole")


@catches("who is missing is not told", "merging.SOME_NOT_GRADED", 0)
def test_whoever_has_no_result_yet_is_named_with_exit_code_3():
    with folders():
        for part, student in (("1", "ada"), ("2", "bob")):
            as_graded(Path(part), [of(student, part)], students=["ada", "bob", "eve"])
        code, out, err = call("merge", "out", "1", "2")
        assert (code, err) == (3, "")
        assert "1 of 3 have no result yet (eve); grade their part" in out
        as_graded(Path("3"), [of("eve", "3")], students=["ada", "bob", "eve"])
        assert call("merge", "out", "3")[0] == 0


def test_whoever_has_handed_in_nothing_any_more_is_left_out():
    with folders():
        as_graded(Path("1"), [of("ada", "1"), of("cy", "2")], students=["ada"])
        code, out, _ = call("merge", "out", "1")
        assert (code, "1/cy/result.json is left out: nobody of that name handed in" in out) == (0, True)
        assert b"cy" not in contents("out")["gradebook.csv"]


def test_results_of_two_versions_of_an_assignment_are_not_put_together():
    with folders(a=[of("ada", "1")]):
        as_graded(Path("b"), [of("bob", "2")], assignment="another")
        code, _, err = call("merge", "out", "a", "b")
        assert (code, err.count("\n")) == (2, 1)
        assert "a and b were graded by different versions of the assignment" in err
