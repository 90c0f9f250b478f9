"""What a submission earns: credit for each equation that is right in itself, and a reason for each that is not."""

from __future__ import annotations

import pytest
from grade_one import BP2, PRIME, assignment, not_passed, result
from planted import faults
from submissions import NIELSEN, RIGHT

from compare.grade.asking.asked import MORE
from compare.grade.judging.grader import Grader
from compare.grade.result import Mistake
from compare.grade.sandbox import Run
from compare.grade.submitted import Submitted

catches, test_a_planted_fault_is_caught = faults("compare.grade")
pytestmark = pytest.mark.usefixtures("without_shapes")


def test_right_work_has_every_point():
    found = result(RIGHT)
    assert (found.status, found.score, found.max_score) == ("graded", 9.0, 9.0)
    assert not_passed(found) == {}
    assert not any(check.carried or check.reason for check in found.checks)


@catches("no credit is carried forward", "judging.points.OWN", None)
@catches("nothing is named", "judging.grading.Mistake", lambda **_: Mistake("", "", None, "", "", 1.0))
def test_one_mistake_costs_its_equation_and_what_it_goes_through_is_carried():
    found = result(BP2, hints="name")
    assert not_passed(found) == {"BP2": "failed", "trajectory": "failed"}
    assert {check.name for check in found.checks if check.carried} == {"BP1", "BP3", "BP4"}
    assert [mistake.name for mistake in found.mistakes] == ["σ′ left out of BP2"]


@pytest.mark.parametrize(
    ("hints", "words"), [("name", ["σ′ left out of BP2"]), ("hint", ["which step of the chain rule"]), ("none", [])]
)
def test_what_a_student_reads_is_what_the_assignment_allows(hints, words):
    shown = result(BP2, hints=hints).shown
    assert len(shown) == len(words)
    assert all(word in sentence for word, sentence in zip(words, shown, strict=True))
    assert hints == "name" or not any("left out" in sentence for sentence in shown)


NOT_GRADABLE = {
    "a syntax error": ("def f(:\n", "line 1: is not Python"),
    "an exit": ("import os; os._exit(0)", "ended with exit code 0"),
    "an exception": ("1 / 0", "line 1: raised ZeroDivisionError"),
    "nothing of the interface": ("x = 1", "it has none of the functions"),
    "no UTF-8": (b"\xff\xfe", "is not UTF-8"),
    "a null byte": (b"a = 1\0", "null bytes"),
    "an exit by its short name": ("exit(0)", "line 1: ends the program when it is loaded"),
    "a package": ("import pandas", "imports pandas, and there is only NumPy here, beside what Python has itself"),
    "conventions by numbers": (RIGHT + "\nconventions = {1: 2}\n", "keys that are no strings"),
    "conventions that are none": (RIGHT + "\nconventions = {'weights': 'io'}\n", "'io'"),
}


@pytest.mark.parametrize("name", NOT_GRADABLE)
def test_a_file_that_cannot_be_run_is_not_gradable_and_says_why(name):
    source, words = NOT_GRADABLE[name]
    found = result(source)
    assert (found.status, found.score) == ("not gradable", 0.0)
    assert words in found.message
    assert set(not_passed(found).values()) == {"not run"}


def test_a_problem_of_finding_the_file_is_its_message():
    found = result("", problem="two Python files")
    assert (found.status, found.message) == ("not gradable", "two Python files")


LOOP = "    while True: pass\n"


@catches("a hang costs everything", "judging.points._after", lambda name, silent: True)
def test_a_function_that_never_returns_costs_itself_and_what_is_made_of_it():
    head, _, tail = RIGHT.partition("def backprop")
    line, _, rest = tail.partition("\n")
    hanging = f"{head}def backprop{line}\n{LOOP}{rest}{PRIME}"
    found = result(hanging, limits={"seconds": 0.8, "megabytes": 1024})
    by_name = {check.name: check for check in found.checks}
    assert {name for name, check in by_name.items() if check.status == "passed"} == {
        "sigmoid",
        "sigmoid_prime",
        "feedforward",
        "update",
    }
    assert "had not finished after 0.8 s when backprop was called" in by_name["BP1"].reason
    assert by_name["trajectory"].status == "not run"


def test_what_is_not_written_is_said_and_what_is_not_asked_for_is_left_out():
    only = {"points": {"sigmoid": 2, "sigmoid_prime": 0, "BP1": 1}}
    found = result("import numpy as np\ndef sigmoid(z):\n    return 1 / (1 + np.exp(-z))\n", **only)
    assert [(c.name, c.status, c.points, c.max_points) for c in found.checks] == [
        ("sigmoid", "passed", 2.0, 2.0),
        ("sigmoid_prime", "failed", 0.0, 0.0),
        ("BP1", "failed", 0.0, 1.0),
    ]
    assert found.checks[2].reason == "backprop is not written"


def test_a_check_whose_prerequisite_failed_is_not_run():
    found = result(BP2, prerequisites={"BP3": ["BP2"], "update": ["BP3"]})
    by_name = {check.name: check for check in found.checks}
    assert (by_name["BP3"].status, by_name["update"].status) == ("not run", "not run")
    assert "BP2" in by_name["BP3"].reason


def test_another_form_than_the_stated_one_is_told_and_costs_nothing():
    found = result(NIELSEN)
    assert not_passed(found).keys() <= {"sigmoid", "sigmoid_prime"}
    assert any("examples are columns" in words for words in found.conventions)


FINER = {
    "σ": ("np.exp(-z)", "np.exp(-z.astype(np.longdouble))"),
    "∇w": ("d.T @ a_l /", "d.T.astype(np.longdouble) @ a_l /"),
}


@pytest.mark.parametrize("of", FINER)
@catches("another precision costs", "judging.points.right_all_the_same", lambda *_: False, of="σ")
def test_numbers_of_more_digits_than_asked_for_cost_nothing(of):
    assert not_passed(result(RIGHT.replace(*FINER[of]))) == {}


def test_numbers_of_fewer_digits_cost_the_function_that_loses_them():
    found = result(RIGHT.replace("np.exp(-z)", "np.exp(-z.astype(np.float32))"))
    assert set(not_passed(found)) == {"sigmoid", "trajectory"}


def test_strictly_another_form_fails():
    assert "BP4" in not_passed(result(NIELSEN, strict=True))


@catches("always the same numbers", "assignment.Assignment.seed", lambda self, student, trial: 1)
def test_answers_that_are_another_students_are_wrong():
    """They are read off the other's questions, and given to whoever asks."""
    seeds = {assignment().seed(student, trial) for student in ("ada", "bob") for trial in range(2)}
    assert len(seeds) == 4


def test_with_several_trials_each_check_has_to_pass_in_all():
    assert result(RIGHT, trials=2).score == 9.0


class Says:
    """A sandbox whose submission gave that record."""

    def __init__(self, record, how=""):
        self.record, self.how = record, how

    def run(self, _source, _questions, size, *_, **__):
        return Run(self.record(size), self.how, "", 0.1)


FORGED = {
    "ones": (lambda size: b"\1" * size, ""),
    "zeros": (bytes, "ended with exit code 0"),
    "nothing": (lambda _: b"", "ended by signal 9 (SIGKILL)"),
    "too much": (lambda size: b"\1" * size, MORE),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_record_that_is_forged_earns_nothing(name):
    record, how = FORGED[name]
    found = Grader(assignment(), Says(record, how)).result(Submitted("eve", b"", "net.py"))
    assert found.score == 0.0
    assert found.message or found.status == "graded"


PICTURES = """
import matplotlib.pyplot as plt
from matplotlib import cm
fig, ax = plt.subplots(1, 2, figsize=(4, 2))
ax[0].plot([1, 2], label="cost")
with plt.style.context("ggplot"):
    plt.show()
"""


def test_a_program_that_draws_is_graded_without_its_pictures(monkeypatch):
    assert result(PICTURES + RIGHT).score == 9.0
    found = result(PICTURES.replace("matplotlib", "seaborn") + RIGHT)
    assert found.message.startswith("line 2: imports seaborn")
