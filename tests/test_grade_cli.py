"""``backproof grade``: exit codes, resumption, formats, and one line for every error; checks reject planted faults.

What is told of the results themselves is tested elsewhere; here, classes are graded by a function that says that
everybody is right. Runs with processes that grade, and a sandbox each, are in test_grade_runs.py.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from class_runs import FAILS, small_class, states
from planted import faults

from compare.commands import grade
from compare.grade import formatted
from compare.grade.formats import FORMATS
from compare.grade.result import Result
from compare.grade.telling.files import put

catches, test_a_planted_fault_is_caught = faults("compare.grade")
TWO = {"ada": "a = 1", "bob": "b = 2"}


def forget(*_):
    return None


def only_if_missing(path, text):
    """A slip: what is there is taken for what should be."""
    if not path.exists():
        put(path, text)


# What is graded stays graded


@catches("results are not found again", "job.store.kept", forget)
def test_a_second_run_grades_nobody_and_changes_no_file():
    with small_class(**TWO) as made:
        code, out, err = made.grade("--format", "gradescope")
        before = states(made.out)
        assert (code, err, made.graded) == (0, "", ["ada", "bob"])
        assert "already" not in out
        code, out, err = made.grade("--format", "gradescope")
        assert (code, err, made.graded) == (0, "", ["ada", "bob"])
        assert out.startswith("2 of 2 are graded already\n")
        assert states(made.out) == before


@catches("a key that is always the same", "job.store.key", lambda *_: "k" * 64)
def test_who_hands_in_something_else_is_graded_again_and_nobody_beside():
    with small_class(**TWO) as made:
        made.grade()
        made.hands_in(bob="b = 3")
        assert made.grade()[0] == 0
        assert made.graded == ["ada", "bob", "bob"]


@catches("a result counts without its page", "job.Job._kept", lambda self, result: result)
def test_a_result_that_was_left_without_its_page_gets_one():
    with small_class(**TWO) as made:
        made.grade()
        page = made.out / "ada" / "page.html"
        before = page.read_bytes()
        page.unlink()
        made.grade()
        assert made.graded == ["ada", "bob"]
        assert page.exists()
        assert page.read_bytes() == before


@catches("not even those are tried again", "job.store.kept", lambda out, s, _: formatted_result(out, s.student))
@catches("a fault of the grader ends well", "ending.SOME_NOT_GRADED", 0)
def test_a_fault_of_the_grader_is_exit_code_3_and_is_tried_again():
    with small_class(ada="a = 1", bob=FAILS) as made:
        code, out, err = made.grade()
        assert (code, err) == (3, "")
        assert out.startswith("1 graded, 0 not gradable, 1 not graded; ")
        made.grade()
        assert made.graded == ["ada", "bob", "bob"]


def formatted_result(out, student):
    """A slip: any result counts."""
    path = out / student / "result.json"
    return Result.from_json(path.read_text(encoding="utf-8")) if path.exists() else None


@catches("the disk is full, and all is well", "job.COULD_NOT_RUN", 0)
def test_a_full_disk_in_the_middle_is_one_line_and_the_same_command_goes_on():
    with small_class(**TWO) as made, pytest.MonkeyPatch.context() as patch:
        full = made.out / "bob" / "page.html"
        patch.setattr(
            "compare.grade.telling.files.put", lambda path, text: refuse(path) if path == full else put(path, text)
        )
        code, out, err = made.grade()
        assert (code, err) == (2, "")
        assert out == f"{full} cannot be written (No space left on device); once it can, the same command goes on\n"
        patch.setattr("compare.grade.telling.files.put", put)
        assert made.grade()[0] == 0
        assert made.graded == ["ada", "bob", "bob"]  # of whom nothing was there
        assert full.exists()


def refuse(path):
    raise OSError(28, "No space left on device", str(path))


# The formats


def test_the_formats_that_can_be_given_are_those_that_there_are():
    assert tuple(FORMATS) == grade.FORMATS
    assert set(formatted.FILES) == set(FORMATS) - {"csv", "junit"}


@catches("they are forgotten", "job.write_formats", forget)
def test_every_format_of_a_student_lies_beside_the_page():
    with small_class(**TWO) as made:
        code, _, err = made.grade(*(word for name in FORMATS for word in ("--format", name)))
        assert (code, err) == (0, "")
        own = made.out / "ada"
        assert {path.name for path in own.iterdir()} == {"page.html", "result.json", *formatted.FILES.values()}
        assert json.loads((own / "gradescope.json").read_text(encoding="utf-8"))["score"] == 19
        assert json.loads((own / "prairielearn.json").read_text(encoding="utf-8"))["score"] == 1
        assert json.loads((own / "check50.json").read_text(encoding="utf-8"))["slug"] == "Exercise 4"
        assert json.loads(base64.b64decode((own / "classroom.txt").read_text()))["status"] == "pass"
        assert {path.name for path in made.out.iterdir() if path.is_file()} == {
            "class.html",
            "class.json",
            "gradebook.csv",
            "junit.xml",
        }


@catches("an old one counts", "formatted.put_other", only_if_missing)
@catches("only of those who are graded now", "job.Job._kept", lambda self, result: result)
def test_a_format_that_is_wanted_later_is_written_without_grading_and_is_as_the_assignment_now_says():
    with small_class(**TWO) as made:
        made.grade()
        made.grade("--format", "gradescope")
        made.assignment('visibility = "hidden"\n' + (made.folder / "assignment.toml").read_text(encoding="utf-8"))
        made.grade("--format", "gradescope")
        assert made.graded == ["ada", "bob"]
        for student in made.graded:
            assert (made.out / student / "gradescope.json").exists()
            told = json.loads((made.out / student / "gradescope.json").read_text(encoding="utf-8"))
            assert {test["visibility"] for test in told["tests"]} == {"hidden"}


# What is handed in


def test_one_file_can_be_given_and_its_name_is_the_students(tmp_path):
    with small_class(ada="a = 1") as made:
        (made.folder / "net.py").symlink_to(made.folder / "class" / "ada.py")
        code, out, err = made.grade(submissions="net.py")
        assert (code, err, made.graded) == (0, "", ["net"])
        assert out.startswith("1 graded, ")
        assert (made.out / "net" / "page.html").exists()


def test_one_notebook_can_be_given():
    with small_class() as made:
        cell = {"cell_type": "code", "source": "a = 1", "metadata": {}, "outputs": [], "execution_count": None}
        text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        (made.folder / "Net 1.IPYNB").write_text(text, encoding="utf-8")
        assert made.grade(submissions="Net 1.IPYNB")[0] == 0
        assert made.graded == ["Net 1"]


def test_a_part_of_the_class_that_has_nobody_is_no_error():
    with small_class(ada="a = 1") as made:
        ends = [made.grade("--shard", f"{part}/3", out=f"out/{part}") for part in (1, 2, 3)]
        assert [code for code, _, _ in ends] == [0, 0, 0]
        assert made.graded == ["ada"]
        assert sum("no submission falls into this part of the class" in out for _, out, _ in ends) == 2
        assert all((made.out / f"{part}" / "gradebook.csv").exists() for part in (1, 2, 3))


BAD = {  # what is given, and what the line says of it
    "no folder": ({"submissions": "nowhere"}, (), "nowhere cannot be read (No such file or directory); give a folder"),
    "results among the submissions": ({"out": "class/results"}, (), "results lies among the submissions"),
    "results in their place": ({"out": "class"}, (), "class lies among the submissions, and would be taken for one"),
    "an empty folder": ({"submissions": "empty"}, (), "empty has no submission in it; give a folder of files"),
    "no zip": ({"submissions": "assignment.toml"}, (), "assignment.toml cannot be read (it is no zip archive"),
    "results in a file": ({"out": "assignment.toml"}, (), "assignment.toml cannot be written to (File exists)"),
    "results below a file": ({"out": "assignment.toml/out"}, (), "out cannot be written to (Not a directory)"),
    "part 0 of 3": ({}, ("--shard", "0/3"), "'0/3' is no part of a whole; give 1/4 for the first of four"),
    "part 4 of 3": ({}, ("--shard", "4/3"), "'4/3' is no part of a whole"),
    "part 2": ({}, ("--shard", "2"), "'2' is no part of a whole"),
    "no process": ({}, ("--processes", "0"), "'0' is no whole number from 1 to 999"),
    "an unknown format": ({}, ("--format", "moodle"), "invalid choice: 'moodle'"),
    "no assignment": (
        {},
        ("--assignment", "no.toml"),
        "no.toml cannot be read (No such file or directory); 'backproof",
    ),
    "a broken assignment": ({}, ("--assignment", "broken.toml"), "broken.toml is not TOML: "),
    "an unknown option": ({}, ("--fast",), "unrecognized arguments: --fast; 'backproof --help' lists the options"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_run_is_one_line_with_exit_code_2_and_nothing_is_graded(case, monkeypatch):
    where, more, words = BAD[case]
    with small_class(**TWO) as made:
        monkeypatch.chdir(made.folder)
        (made.folder / "empty").mkdir()
        Path("broken.toml").write_text("title = ", encoding="utf-8")
        code, out, err = made.grade(*more, **where)
        assert (code, out, made.graded) == (2, "", [])
        assert words in err
        assert err.startswith("backproof: ")
        assert err.count("\n") == 1
        assert not made.out.exists()


def test_help_answers_without_torch():
    commands = (["grade"], ["merge"], ["export"], ["export", "gradescope"])
    code = (
        "import sys, compare.cli\n"
        f"for command in {commands}:\n"
        "    try: compare.cli.main([*command, '--help'])\n"
        "    except SystemExit as e: print(e.code)\n"
        "print({'torch', 'pydantic', 'jinja2', 'junitparser'} & set(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.count("usage: backproof ") == len(commands)
    assert out.endswith("set()\n")
