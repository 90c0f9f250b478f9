"""A student's program of several modules: the one with the functions is graded, and may import the others."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from grade_one import assignment, sandbox
from handed_in import PROGRAM, a_folder, handed_in, zipped
from planted import faults
from submissions import RIGHT

from compare.grade import store
from compare.grade.finding import beside
from compare.grade.finding.submissions import find
from compare.grade.judging.grader import Grader
from compare.grade.submitted import Submitted

OF_Z_TOO = re.compile(rb"^def (sigmoid|sigmoid_prime|feedforward)()", re.MULTILINE)
catches, test_a_planted_fault_is_caught = faults("compare.grade.finding")

HEAD, DEF, REST = RIGHT.partition("def feedforward")
MAIN = ("from activations import np, sigmoid, sigmoid_prime\n" + DEF + REST).encode()
MODULE = HEAD.encode()
NIELSEN = {
    "network.py": b"class Network:\n    pass\n",
    "mnist_loader.py": b"def load_data():\n    pass\n",
    "run.py": b"1\n",
}


@catches("none defines anything", "defining._defined", lambda source: set())
@catches("all define as much", "defining._defined", lambda source: {b"backprop"})
def test_the_file_that_defines_what_is_asked_for_is_taken_and_the_others_lie_beside_it():
    network, loader, run = NIELSEN.values()
    with a_folder() as folder:
        files = {f"ada/{name}": text for name, text in NIELSEN.items()} | {"alan.zip": zipped(NIELSEN)}
        ada, alan = find(handed_in(folder, files))
    expected = Submitted("ada", network, "network.py", beside={"mnist_loader.py": loader, "run.py": run})
    assert (ada, alan) == (expected, replace(expected, student="alan"))


def test_two_that_define_it_are_one_too_many_and_a_word_in_the_text_is_no_definition(tmp_path):
    handed_in(
        tmp_path, {"ada/a.py": b"def backprop(): 0", "ada/b.py": b"class Network: 0", "alan/a.py": b"# def backprop"}
    )
    handed_in(tmp_path, {"alan/b.py": b"def backpropagate(): 0\nbackprop = 1"})
    assert [found.problem for found in find(tmp_path)] == ["two Python files (a.py, b.py); hand in one"] * 2


@catches("σ counts, too", "defining.DEFINES", OF_Z_TOO)
def test_a_module_with_the_functions_of_z_or_one_of_the_others_is_no_rival():
    files = {"net.py": MAIN, "activations.py": MODULE, "plot.py": HEAD.encode() + b"def feedforward(a):\n    pass\n"}
    with a_folder() as folder:
        (found,) = find(handed_in(folder, {f"ada/{name}": text for name, text in files.items()}))
    assert (found.name, found.problem) == ("net.py", "")


NOT_METHODS = re.compile(rb"^(?:def (feedforward|backprop|update_mini_batch)|class (Network))\b", re.MULTILINE)


@catches("methods do not count", "defining.DEFINES", NOT_METHODS)
def test_a_class_of_another_name_counts_by_its_methods():
    files = {"net.py": b"class NeuralNet:\n    def backprop(self): 0\n", "run.py": b"import net\n"}
    with a_folder() as folder:
        (found,) = find(handed_in(folder, {f"ada/{name}": text for name, text in files.items()}))
    assert (found.name, found.problem) == ("net.py", "")


PARTS = {
    "forward.py": b"def feedforward(): 0\n",
    "backward.py": b"from forward import (\n    feedforward,\n    np,\n)\ndef backprop(): 0\n",
    "sgd.py": b"from .backward import *\ndef update_mini_batch(): 0\n",
    "main.py": b"from forward import *\nfrom sgd import *\nfrom backward import backprop\n",
    "plot.py": b"from forward import feedforward as forward  # and backprop\n",
}


@catches("what is imported does not count", "defining._imported", lambda *_: set())
@catches("not all at once", "defining.FROM", re.compile(rb"^from ([\w.]+) import ()([^*\n]+)", re.MULTILINE))
def test_of_a_program_in_parts_the_file_that_imports_them_all_is_taken():
    with a_folder() as folder:
        (found,) = find(handed_in(folder, {f"ada/{name}": text for name, text in PARTS.items()}))
    assert (found.name, found.problem) == ("main.py", "")


def test_nobody_has_the_files_of_another_and_all_below_the_file_is_beside_it(tmp_path):
    eves = {"eve/net.py": PROGRAM, "eve/old/other.py": b"0", "eve/notes.txt": b"0"}
    handed_in(tmp_path, {"ada.py": PROGRAM, "alan.py": PROGRAM} | eves)
    found = {(found.student, *found.beside) for found in find(tmp_path, file="net.py")}
    assert found == {("ada",), ("alan",), ("eve", "old/other.py")}


@catches("any name", "beside.MODULE", re.compile(r".*"))
@catches("any size", "beside.MOST_BYTES", 1 << 30)
def test_what_is_no_module_or_too_large_for_one_is_left_out():
    others = {"a.py": b"1", "b.ipynb": b"1", "c d.py": b"1", "large.py": b"#" * (1 << 20)}
    with a_folder() as folder:
        (found,) = find(
            handed_in(folder, {f"ada/{name}": text for name, text in others.items()} | {"ada/net.py": MAIN})
        )
    assert found.beside == {"a.py": b"1"}


def test_of_a_flood_of_files_none_is_read(tmp_path):
    handed_in(tmp_path, {f"ada/f{number}.py": b"1" for number in range(beside.MOST_FILES + 1)} | {"ada/net.py": MAIN})
    (found,) = find(tmp_path, file="net.py")
    assert (found.source, found.beside) == (MAIN, {})


@pytest.mark.usefixtures("without_shapes")
def test_a_program_of_two_modules_has_every_point_and_without_the_second_none():
    whole = Submitted("ada", MAIN, "net.py", beside={"activations.py": MODULE, "submission.py": b"raise ValueError"})
    grader = Grader(assignment(), sandbox())
    found, alone = grader.result(whole), grader.result(replace(whole, beside={}))
    assert (found.status, found.score) == ("graded", found.max_score)
    assert (alone.status, alone.score) == ("not gradable", 0.0)
    assert "imports activations" in alone.message


@pytest.mark.usefixtures("without_shapes")
def test_a_package_below_and_an_import_in_a_circle_are_found():
    main = MAIN.replace(b"from activations", b"import conf\nfrom parts.activations")
    modules = {"parts/__init__.py": b"", "parts/activations.py": MODULE, "conf.py": b"import net\n"}
    found = Grader(assignment(), sandbox()).result(Submitted("ada", main, "net.py", beside=modules))
    assert (found.message, found.score) == ("", found.max_score)


@pytest.mark.parametrize(
    ("name", "beside", "module"),
    [
        ("net.py", {}, "submission.py"),
        ("net.py", {"a.py": b""}, "net.py"),
        ("Net 2.ipynb", {"a.py": b""}, "submission.py"),
        ("net.ipynb", {"a.py": b""}, "net.py"),
        ("né\n.py", {"a.py": b""}, "submission.py"),
    ],
)
def test_a_file_has_its_own_name_where_others_may_import_it_by_that(name, beside, module):
    assert Submitted("ada", b"", name, beside=beside).module == module


def test_another_module_is_another_submission():
    one = Submitted("ada", MAIN, "net.py", beside={"activations.py": MODULE})
    given = assignment()
    keys = {store.key(s, given) for s in (one, replace(one, beside={"activations.py": b""}), replace(one, beside={}))}
    assert len(keys) == 3


@pytest.mark.parametrize("name", ["../other.py", "a//b.py", "/a.py", "", "a\0.py"])
def test_a_name_that_leads_elsewhere_is_refused(name):
    with pytest.raises(ValueError, match="is no file's name"):
        Grader(assignment(), sandbox()).result(Submitted("ada", MAIN, "net.py", beside={name: b""}))
