"""What a submission is asked, and how often: single examples in a new process, and only where they tell something."""

from __future__ import annotations

import functools

import pytest
from grade_one import TRANSPOSE, assignment, not_passed, sandbox
from planted import faults
from submissions import RIGHT

from compare.check.subject import FORWARD, GRADIENT, UPDATE
from compare.grade.asking.asked import ask
from compare.grade.asking.for_student import questions_for
from compare.grade.judging.examples import Examples
from compare.grade.judging.grader import Grader
from compare.grade.sandbox import Limits
from compare.grade.submitted import Submitted
from compare.submission.conventions import Conventions

catches, test_a_planted_fault_is_caught = faults("compare.grade")
pytestmark = pytest.mark.usefixtures("without_shapes")

WITHOUT_DELTAS = RIGHT.replace("for d in deltas], deltas", "for d in deltas]").replace("nabla_b, _ =", "nabla_b =")
BP2 = WITHOUT_DELTAS.replace(TRANSPOSE, "deltas[0] @ w")
HANGING = "    while len(x) == 1:\n        pass\n"
AT_BACKPROP = BP2.replace("factor=1, over=None):\n", f"factor=1, over=None):\n{HANGING}")
AT_UPDATE = BP2.replace("x, y, eta):\n", f"x, y, eta):\n{HANGING}")


class Counting:
    """The sandbox, and how often it was used."""

    def __init__(self):
        self.runs = 0

    def run(self, *given, **more):
        self.runs += 1
        return sandbox().run(*given, **more)


def graded(source):
    counting = Counting()
    limits = {"seconds": 2.0, "megabytes": 1024}
    return Grader(assignment(limits=limits), counting).result(
        Submitted("ada", source.encode(), "net.py")
    ), counting.runs


def asked_anew(self):
    return Examples(self.asked, self.again)


LAYERS = 3  # each of them is asked for its own σ, as the z are those of the layer before
TIMES = {BP2: 2, BP2.replace("1 / (1 + np.exp(-z))", "np.tanh(z)"): 2 + LAYERS}


@pytest.mark.parametrize("source", TIMES, ids=["BP2", "σ and BP2"])
@catches("not asked about", "judging.examples.Examples.recorded", None, source=BP2)
@catches("asked anew each time", "judging.judgement.Judgement._examples", property(asked_anew), source=[*TIMES][1])
def test_a_gradient_without_its_delta_is_told_by_its_examples_which_are_asked_about_once(source):
    found, runs = graded(source)
    assert {name for name in not_passed(found) if name.startswith("BP")} == {"BP2"}
    assert runs == TIMES[source]


@pytest.mark.parametrize("source", [RIGHT, WITHOUT_DELTAS, RIGHT.replace(TRANSPOSE, "deltas[0] @ w")])
def test_a_right_file_and_one_that_shows_its_deltas_are_asked_once(source):
    assert graded(source)[1] == 1


WRONG_WAY_ROUND = RIGHT.replace("deltas[0] @ w *", "deltas[0] @ w.T *")  # which most networks have no shapes for


@catches("in every form", "judging.grader.InOneForm.is_one_mistake", False)
def test_where_one_mistake_explains_all_no_other_form_is_asked_in():
    found, runs = graded(WRONG_WAY_ROUND)
    assert not_passed(found).keys() == {"BP2", "trajectory"}
    assert runs <= 4


@functools.cache
def asked_all_again(examples):
    return examples.again(examples.asked.questions).recorded


@catches("it hangs twice", "judging.examples.Examples.recorded", property(asked_all_again))
def test_what_never_returned_is_not_asked_about_examples():
    found, runs = graded(AT_BACKPROP)
    assert {check.name for check in found.checks if check.status == "passed"} >= {"sigmoid", "feedforward"}
    assert runs == 2  # the second for the update, with what stands in for the gradient


def test_an_update_that_never_returns_keeps_nothing_from_being_known_of_backprop():
    found, _ = graded(AT_UPDATE)
    assert not_passed(found) == {"BP2": "failed", "update": "failed", "trajectory": "not run"}


def printing(function):
    head, define, tail = RIGHT.partition(f"def {function}(")
    line, newline, rest = tail.partition("\n")
    return f"{head}{define}{line}{newline}    print('*')\n{rest}"


@pytest.mark.parametrize("function", [FORWARD, UPDATE])
def test_by_the_first_case_the_form_is_found_and_it_is_asked_about_once(function):
    questions = questions_for(Conventions(), 3, 2, strict=False)
    asked = ask(sandbox(), Submitted("ada", printing(function).encode(), "net.py"), questions, Limits(10.0, 1024))
    cases, steps = len(questions.cases), len(questions.walk)
    assert asked.run.printed.count("*") == {FORWARD: cases + (cases + cases + steps), UPDATE: cases + steps}[function]


def test_only_the_function_that_comes_before_all_others_is_asked_about_examples():
    given = []
    questions = questions_for(Conventions(), 3, 2, strict=False)
    asked = ask(sandbox(), Submitted("ada", BP2.encode(), "net.py"), questions, Limits(10.0, 1024))
    examples = Examples(asked, given.append)
    assert examples.recorded is None
    assert [(one.functions, len(one.cases), one.walk, one.zs) for one in given] == [
        ([GRADIENT], questions.cases[0].m, [], [])
    ]
