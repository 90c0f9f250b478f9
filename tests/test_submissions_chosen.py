"""Of a student's files the one with the program is taken, and its text is what is graded."""

from __future__ import annotations

import pytest
from handed_in import (
    NOTEBOOK,
    PROGRAM,
    a_folder,
    handed_in,
    sources,
    zipped,
)
from planted import faults

from compare.grade.finding import choosing
from compare.grade.finding.submissions import find
from compare.grade.submitted import Submitted

catches, test_a_planted_fault_is_caught = faults("compare.grade.finding")


def test_the_source_is_the_files_and_the_cells(tmp_path):
    handed_in(tmp_path, {"ada.py": PROGRAM, "alan.zip": zipped({"x/net.py": PROGRAM}), "emmy.ipynb": NOTEBOOK})
    ada, alan, emmy = find(tmp_path)
    assert ada == Submitted("ada", PROGRAM, "ada.py")
    assert alan == Submitted("alan", PROGRAM, "net.py")
    assert (emmy.source, emmy.name) == (b"# cell 1\na = 1\n", "emmy.ipynb")


@catches("the first one taken", "choosing._latest", lambda files: list(files)[:1])
@catches("both taken", "choosing._latest", list)
def test_what_canvas_renamed_last_is_taken():
    files = {"a_1_7_net.py": b"0", "a_1_8_net-1.py": b"1", "a_1_9_net-10.py": b"10", "a_1_10_net-2.py": b"2"}
    late = {"b_2_11_net.py": b"old", "b_LATE_2_12_net.py": b"new"}
    with a_folder() as folder:
        found = find(handed_in(folder, files | late))
    assert [(submitted.student, submitted.source) for submitted in found] == [("a_1", b"10"), ("b_2", b"new")]


SEVERAL = {"ada/net.py": b"a", "ada/test.py": b"b"}


def test_of_two_files_none_is_taken_unless_the_assignment_says_which(tmp_path):
    (found,) = find(handed_in(tmp_path, SEVERAL))
    assert (found.source, found.problem) == (b"", "two Python files (net.py, test.py); hand in one")
    assert sources(find(tmp_path, file="net.py")) == {"ada": b"a"}
    assert sources(find(tmp_path, file="ada/test.py")) == {"ada": b"b"}
    assert find(tmp_path, file="other.py")[0].problem == "two Python files (net.py, test.py); hand in one"
    assert find(tmp_path, file="et.py")[0].problem, "no half of a name"


def test_the_files_name_counts_in_a_zip_and_behind_what_canvas_puts_before_it(tmp_path):
    two = zipped({"hw/net.py": b"a", "hw/other.py": b"b"})
    handed_in(tmp_path, {"ada.zip": two, "alan_1_2_net-3.py": b"c", "alan_1_3_other.py": b"d"})
    assert sources(find(tmp_path, file="net.py")) == {"ada": b"a", "alan_1": b"c"}
    assert [submitted.problem for submitted in find(tmp_path)] == [
        "two Python files (net.py, other.py); hand in one",
        "two Python files (alan_1_2_net-3.py, alan_1_3_other.py); hand in one",
    ]


def test_a_student_without_a_program_is_told_so(tmp_path):
    handed_in(tmp_path, {"ada/report.pdf": b"%PDF", "alan.docx": b"PK", "ok.py": PROGRAM})
    (tmp_path / "emmy").mkdir()
    assert {submitted.student: submitted.problem for submitted in find(tmp_path)} == {
        "ada": "no .py, .ipynb or .zip file (report.pdf); hand in one",
        "alan.docx": "no .py, .ipynb or .zip file (alan.docx); hand in one",
        "emmy": "no .py, .ipynb or .zip file (emmy); hand in one",
        "ok": "",
    }


def test_many_files_are_counted_and_some_named(tmp_path):
    handed_in(tmp_path, {f"ada/{number:04}.py": b"x" for number in range(1234)})
    assert find(tmp_path)[0].problem == "1,234 Python files (0000.py, 0001.py, 0002.py, 0003.py, …); hand in one"


TEXTS = {  # a source, and words of the sentence
    "a null byte": (b"a = 1\0", "eve.py has a null byte, so it is no Python text; save it as UTF-8"),
    "UTF-16": ("a = 1".encode("utf-16"), "eve.py has a null byte"),
    "nothing": (b"", "eve.py is empty; hand in the file with the program"),
    "blanks": (b" \n\t\n", "eve.py is empty"),
    "a byte too many": (b"#" * (choosing.MOST_SOURCE + 1), "eve.py is larger than 10 MB"),
}


@catches("any bytes", "choosing._source", lambda entry: entry.read(10**9), case="a null byte")
@catches("any bytes", "choosing._source", lambda entry: entry.read(10**9), case="blanks")
@pytest.mark.parametrize("case", TEXTS)
def test_what_is_no_text_is_one_sentence(case):
    with a_folder() as folder:
        (found,) = find(handed_in(folder, {"eve.py": TEXTS[case][0]}))
    assert TEXTS[case][1] in found.problem
    assert found.source == b""


def test_a_source_as_large_as_may_be_is_taken(tmp_path):
    data = b"#" * choosing.MOST_SOURCE
    assert sources(find(handed_in(tmp_path, {"ada.py": data, "alan.zip": zipped({"n.py": data})}))).keys() == {
        "ada",
        "alan",
    }


def test_a_broken_notebook_is_one_sentence_with_its_name(tmp_path):
    of_r = NOTEBOOK.replace(b'"metadata": {}', b'"metadata": {"language_info": {"name": "R"}}')
    large = b'{"cells": [' + b" " * choosing.MOST_NOTEBOOK + b"]}"
    null = NOTEBOOK.replace(b"a = 1", b"a = '\\u0000'")
    files = {
        "eve1.ipynb": NOTEBOOK[:-1],
        "eve2.ipynb": of_r,
        "eve3.ipynb": large,
        "eve4.ipynb": null,
        "ok.ipynb": NOTEBOOK,
    }
    found = find(handed_in(tmp_path, files))
    assert [submitted.problem for submitted in found] == [
        "eve1.ipynb is no notebook, as it is not JSON; save it in Jupyter once more",
        "eve2.ipynb is a notebook in R; hand in one in Python",
        "eve3.ipynb is larger than 20 MB; hand in the program alone",
        "eve4.ipynb has a null byte, so it is no Python text; save it as UTF-8",
        "",
    ]
