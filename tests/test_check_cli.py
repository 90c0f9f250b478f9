"""backproof check and backproof template, on the command line: for whatever comes in, one sentence and an exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import write
from submissions import RIGHT

RETURN = "    return nabla_w, [d.sum(axis=0) / (over or len(x)) for d in deltas], deltas\n"
GRADIENTS = RETURN.replace("    return", "    nabla_w, nabla_b, deltas =").replace("\n", "\n    ")
FIRST = "    activations = [x]\n"
TRANSPOSE = "deltas[0] @ w * a_l * (1 - a_l)"


def with_edit(old: str, new: str) -> str:
    assert RIGHT.count(old) == 1
    return RIGHT.replace(old, new)


def returns(value: str) -> str:
    return with_edit(RETURN, f"{GRADIENTS}return {value}\n")


def line_of(words: str, source: str) -> int:
    return 1 + source[: source.index(words)].count("\n")


WRONG = with_edit(TRANSPOSE, "deltas[0] @ w")
COULD_NOT_RUN = {  # the source, and parts of the one line on stderr
    "a syntax error": (RIGHT + "\ndef f(:\n", ["net.py, line 28: is not Python"]),
    "an import that is not there": (
        "import nunpy\n" + RIGHT,
        ["net.py, line 1: imports nunpy", "no module of that name"],
    ),
    "an exception when it is loaded": (RIGHT + "\n1 / 0\n", ["net.py, line 28: raised ZeroDivisionError"]),
    "nothing of the interface": ("def train(): pass\n", ["net.py: it has none of the functions", "backproof template"]),
    "an empty file": ("", ["net.py: it has none of the functions"]),
    "the end of the program": (RIGHT + "\nexit()\n", ["ends the program when it is loaded", "__main__"]),
    "a convention that is none": (
        RIGHT + "\nconventions = {'weights': 'io'}\n",
        ["net.py", "'weights'", "'io'", "in_out"],
    ),
}


@pytest.mark.parametrize(("source", "words"), COULD_NOT_RUN.values(), ids=COULD_NOT_RUN.keys())
def test_a_file_that_cannot_be_run_is_one_line_and_exit_code_2(backproof, source, words):
    code, out, err = backproof("check", write(source))
    assert (code, out) == (2, "")
    assert err.startswith("backproof: net.py")
    assert err.count("\n") == 1
    assert all(word in err for word in words), err


BAD_OPTIONS = {
    "no file": (["gone.py"], "gone.py: there is no such file"),
    "a folder": (["."], ".: that is a folder; give the .py file"),
    "no adapter": (["net.py", "--adapter", "gone.py"], "gone.py: there is no such file"),
    "no assignment": (["net.py", "--assignment", "gone.toml"], "--assignment gone.toml cannot be read"),
    "an assignment that is a folder": (["net.py", "--assignment", "."], "--assignment . cannot be read"),
    "no seconds": (["net.py", "--seconds", "0"], "--seconds is 0; give a number of seconds above 0"),
    "seconds nan": (["net.py", "--seconds", "nan"], "--seconds is nan; give a number of seconds above 0"),
    "a seed below 0": (["net.py", "--seed", "-1"], "--seed is -1; give a whole number of 0 or more"),
    "a convention that is none": (["net.py", "--weights", "io"], "--weights: invalid choice: 'io'"),
    "rows of a matrix that has columns": (["net.py", "--biases", "first-row"], "first row"),
    "biases of 0 in two files": (["net.py", "other.py"], "unrecognized arguments: other.py"),
    "json in no folder": (["net.py", "--json", "no/such.json"], "--json no/such.json cannot be written"),
}


@pytest.mark.parametrize(("arguments", "words"), BAD_OPTIONS.values(), ids=BAD_OPTIONS.keys())
def test_bad_options_are_one_line_and_exit_code_2(backproof, arguments, words):
    write(RIGHT)
    code, out, err = backproof("check", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("backproof: ")
    assert err.count("\n") == 1
    assert words in err


AT_FAULT = {  # the source, parts of the sentence, and words of the line that is given with it, or of none
    "an exception": (
        with_edit(FIRST, FIRST + "    x.shuffle()\n"),
        ["'numpy.ndarray' object has no attribute"],
        "x.shuffle",
    ),
    "no return": (
        with_edit(RETURN, GRADIENTS + "pass\n"),
        ["backprop returned None", "return statement"],
        "def backprop",
    ),
    "ragged lists": (
        returns("[[[1.0], [2.0, 3.0]], *nabla_w[1:]], nabla_b"),
        ["nabla_w[0] (layer 1) as a ragged list"],
        "def backprop",
    ),
    "object arrays": (
        returns("[np.full(w.shape, None) for w in nabla_w], nabla_b"),
        ["None for nabla_w[0] (layer 1)"],
        "def backprop",
    ),
    "NaN": (returns("[w * np.nan for w in nabla_w], nabla_b"), ["NaN in nabla_w[0][0, 0]"], "def backprop"),
    "a layer too few": (returns("nabla_w[1:], nabla_b"), ["nabla_w with 2 layers; expected 3"], "def backprop"),
    "integers": (
        returns("[w.astype(int) for w in nabla_w], nabla_b"),
        ["in int64, of arguments in float64"],
        "def backprop",
    ),
    "float32": (
        returns("[np.float32(w) for w in nabla_w], nabla_b"),
        ["in float32, of arguments in float64"],
        "def backprop",
    ),
    "a view of its input": (
        "def sigmoid(z):\n    return z[:]\n",
        ["sigmoid returned a view of its argument; return a new array"],
        "def sigmoid",
    ),
    "an edit of its input": (
        with_edit(RETURN, GRADIENTS + "x *= 1.5\n    return nabla_w, nabla_b, deltas\n"),
        ["edited its arguments in place (x)"],
        "def backprop",
    ),
    "state from call to call": (
        with_edit("def backprop", "TOTAL = [0.0]\n\ndef backprop").replace(
            RETURN, GRADIENTS + "TOTAL[0] = TOTAL[0] + nabla_b[-1]\n    return nabla_w, [*nabla_b[:-1], TOTAL[0]]\n"
        ),
        [],
        None,
    ),
    "an endless loop": (
        with_edit(FIRST, FIRST + "    while len(x): pass\n"),
        ["had not returned after 1 s", "--seconds"],
        "while len",
    ),
}


@pytest.mark.parametrize(("source", "words", "line"), AT_FAULT.values(), ids=AT_FAULT.keys())
def test_an_implementation_at_fault_is_a_mismatch_with_file_and_line(backproof, source, words, line):
    code, out, err = backproof("check", write(source), "--seconds", "1", "--json", "report.json")
    assert (code, err) == (1, "")
    assert "Traceback" not in out
    assert out.rstrip().splitlines()[-1].startswith("mismatch: ")
    assert all(word in out for word in words), out
    assert line is None or f"net.py, line {line_of(line, source)})" in out, out
    assert json.loads(Path("report.json").read_text())["verdict"] == "mismatch"


def test_a_right_implementation_matches_with_exit_code_0(backproof):
    code, out, err = backproof("check", write(RIGHT))
    assert (code, err) == (0, "")
    assert out.rstrip().splitlines()[-1].startswith("match: ")


def test_an_exception_in_the_hidden_layers_only_is_a_mismatch(backproof):
    code, out, _ = backproof(
        "check", write(with_edit("        deltas.insert", "        raise ValueError('later')\n        deltas.insert"))
    )
    assert "backprop raised ValueError: later" in out
    assert code == 1


def test_the_json_report_names_the_mistake(backproof):
    code, out, _ = backproof("check", write(WRONG), "--json", "report.json")
    report = json.loads(Path("report.json").read_text())
    assert (code, report["verdict"]) == (1, "mismatch")
    assert {"verdict", "mistakes", "checks", "power"} <= set(report)
    assert [(m["name"], m["equation"]) for m in report["mistakes"]] == [("σ′ left out of BP2", "BP2")]
    mistake = report["mistakes"][0]
    assert {"name", "equation", "layer", "explanation", "hint", "confidence"} <= set(mistake)
    assert mistake["confidence"] == 1
    assert [check["equation"] for check in report["checks"] if check["verdict"] == "wrong"] == ["BP2"]
    assert report["power"]
    assert all(part in out for part in (mistake["name"], mistake["explanation"], mistake["hint"]))


def test_with_hints_no_mistake_is_named_on_the_terminal(backproof):
    code, out, _ = backproof("check", write(WRONG), "--hints", "--json", "report.json")
    mistake = json.loads(Path("report.json").read_text())["mistakes"][0]
    assert code == 1
    assert mistake["hint"] in out
    assert "left out" not in out
    assert "found:" not in out
    assert (mistake["name"], mistake["explanation"]) == (None, None)
    assert out.rstrip().splitlines()[-1].startswith("mismatch: BP2 is wrong")


def test_the_template_can_be_written_once_and_checked_at_once(backproof):
    code, out, err = backproof("template", "mine.py")
    assert (code, err) == (0, "")
    assert "backproof check mine.py" in out
    Path("mine.py").write_text(Path("mine.py").read_text() + "\n# my work\n")
    code, out, err = backproof("template", "mine.py")
    assert (code, out) == (2, "")
    assert "mine.py is there already" in err
    assert Path("mine.py").read_text().endswith("# my work\n")


def test_a_template_that_nobody_filled_in_is_said_to_be_not_written_yet(backproof):
    backproof("template", "mine.py")
    code, out, err = backproof("check", "mine.py")
    assert code in (2, 3), "nothing is wrong, and nothing is right"
    assert "written yet" in out + err


def test_conventions_of_an_assignment_are_stated(backproof):
    columns = """
import numpy as np

def feedforward(weights, biases, x):
    for w, b in zip(weights, biases):
        x = 1 / (1 + np.exp(-(w @ x + b)))
    return x
"""
    Path("task.toml").write_text('[conventions]\nexamples = "columns"\nbiases = "column"\n')
    assert backproof("check", write(columns), "--strict")[0] == 1
    code, out, _ = backproof("check", "net.py", "--strict", "--assignment", "task.toml")
    assert code == 0
    assert "convention:" not in out
    Path("task.toml").write_text('[conventions]\nexamples = "both"\n')
    code, out, err = backproof("check", "net.py", "--assignment", "task.toml")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "examples" in err
    assert "'both'" in err
    assert "task.toml" in err, "which file is wrong"


def test_the_emitted_test_fails_on_the_submission_and_passes_on_a_right_one(backproof, tmp_path):
    code, out, _ = backproof("check", write(WRONG), "--emit-test", "test_it.py")
    assert code == 1
    assert "python -m pytest test_it.py" in out
    pytest_it = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    wrong = subprocess.run(pytest_it, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
    assert wrong.returncode == 1, wrong.stdout
    write(RIGHT, "right.py")
    environment["SUBMISSION"] = str(tmp_path / "right.py")
    right = subprocess.run(pytest_it, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
    assert right.returncode == 0, right.stdout


def test_no_test_is_emitted_where_nothing_fails(backproof):
    code, out, _ = backproof("check", write(RIGHT), "--emit-test", "test_it.py")
    assert code == 0
    assert "test_it.py is not written" in out
    assert not Path("test_it.py").exists()


def test_ctrl_c_is_exit_code_130_without_a_traceback(checks, tmp_path):
    (tmp_path / "net.py").write_text(with_edit(FIRST, FIRST + "    open('begun', 'w')\n    while len(x): pass\n"))
    check = checks.start(tmp_path, ["check", "net.py", "--seconds", "60"])
    check.interrupt_when((tmp_path / "begun").exists)
    assert check.ends() == (130, "", "")
