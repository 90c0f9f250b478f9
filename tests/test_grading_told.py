"""What earns nothing though it could pass for something, and what a student is told who could not know."""

from __future__ import annotations

import json
import re

import pytest
from grade_one import assignment, not_passed, result, sandbox
from planted import faults
from rewritten import edited
from submissions import RIGHT

from compare.grade.finding.notebook import python_of
from compare.grade.judging.grader import Grader
from compare.grade.submitted import Submitted

catches, test_a_planted_fault_is_caught = faults("compare")
pytestmark = pytest.mark.usefixtures("without_shapes")

FORWARD = RIGHT[: RIGHT.index("def backprop")]
GIVEN = """def backprop(weights, biases, x, y):
    return [NUMBER + 0 * w for w in weights], [NUMBER + 0 * b for b in biases]
"""


@catches("whatever holds is seen", "check.report.unseen", lambda *_: False, number="np.nan")
@catches("whatever holds is seen", "check.report.unseen", lambda *_: False, number="1.0")
@pytest.mark.parametrize("number", ["np.nan", "np.inf", "0.0", "1.0", "1e300", "5e-324"])
def test_a_gradient_of_one_number_everywhere_or_of_none_earns_nothing(number):
    found = result(FORWARD + GIVEN.replace("NUMBER", number))
    passed = {check.name for check in found.checks if check.status == "passed"}
    assert passed == {"sigmoid", "sigmoid_prime", "feedforward"}


WITHOUT_DELTA = [("for d in deltas], deltas", "for d in deltas]"), ("nabla_b, _ =", "nabla_b =")]


@pytest.mark.parametrize("shown", [[], WITHOUT_DELTA], ids=["with δ", "without δ"])
@catches("any δ will do", "check.evidence._delta_is_idle", lambda *_: False, shown=[])
def test_a_gradient_that_is_made_of_a_delta_of_one_number_earns_nothing(shown):
    ones = ("    nabla_w = [", "    deltas = [1 + 0 * d for d in deltas]\n    nabla_w = [")
    assert {"BP1", "BP2", "BP3", "BP4"} <= not_passed(result(edited(ones, *shown), layers=2)).keys()


def test_a_right_gradient_of_the_weights_passes_beside_zeros_for_the_biases():
    zeros = ("d.sum(axis=0)", "0 * d.sum(axis=0)")
    assert not_passed(result(edited(zeros, *WITHOUT_DELTA), layers=2)).keys() == {"BP3", "trajectory"}


@pytest.mark.parametrize("hints", ["hint", "name"])
@catches("as if it were known", "grade.judging.grading._told_of", lambda mistake, _: mistake.name, hints="name")
def test_what_may_be_one_of_several_mistakes_is_told_as_that(hints):
    found = result(edited(("(a[-1] - y) * a[-1] * (1 - a[-1])", "(a[-1] - y)")), hints=hints)
    assert len(found.mistakes) > 1
    assert all(words.startswith("Perhaps: ") for words in found.shown)


WRONG = {
    "sigmoid": (("1 / (1 + np.exp(-z))", "np.tanh(z)"), "sigmoid(1) is 0.76"),
    "feedforward": (("sigmoid(activations[-1]", "np.tanh(activations[-1]"), "off by up to "),
    "BP4": (("d.T @ a_l /", "-d.T @ a_l /"), "off by up to "),
    "update": (("eta * nw", "2 * eta * nw"), "off by up to "),
}


@pytest.mark.parametrize("name", WRONG)
@catches("the last z", "check.elementwise.TELLING", 1e4, name="sigmoid")
@catches("what came", "grade.judging.off._largest", lambda *all_three: [abs(a).max() for a in all_three], name="BP4")
def test_how_far_off_it_is_is_told_in_numbers_that_tell(name):
    edit, words = WRONG[name]
    (reason,) = (check.reason for check in result(edited(edit)).checks if check.name == name)
    assert reason.startswith(words)
    if name == "BP4":
        error, largest = map(float, re.findall(r"up to ([\d.e+-]+),", reason))
        assert error / largest == pytest.approx(2, rel=0.1)


def test_where_too_many_mistakes_would_explain_it_none_is_named():
    found = result(FORWARD + GIVEN.replace("NUMBER", "0.0"), hints="name")
    assert (found.mistakes, found.shown) == ([], [])


def test_the_line_of_a_notebook_is_that_of_its_cell():
    cells = [{"cell_type": "code", "source": text} for text in ("import numpy as np", "a = 1\n1 / 0\n")]
    source = python_of(json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}).encode())
    found = Grader(assignment(), sandbox()).result(Submitted("ada", source, "hw.ipynb"))
    assert found.message.startswith("cell 2, line 2: raised ZeroDivisionError")


def test_what_only_a_notebook_has_does_nothing():
    shows = "\ndisplay(3)\nget_ipython().run_line_magic('matplotlib', 'inline')\n"
    assert result(RIGHT + shows).score == 9.0


def test_a_third_result_that_is_a_number_is_not_taken_for_delta():
    assert result(edited(("for d in deltas], deltas", "for d in deltas], float(np.sum(a[-1]))"))).score == 9.0


SINGLE = """

def backprop(weights, biases, x, y, right=backprop):
    return right(weights, biases, x.astype(np.float32).astype(float), y)
"""


def test_single_precision_is_told():
    (shown,) = result(RIGHT + SINGLE).shown
    assert "computed in float32" in shown
    assert result(RIGHT + SINGLE, hints="none").shown == []


DIVIDED_TWICE = edited(("for d, a_l in zip(deltas, a)]", "for d, a_l in zip(deltas, a)]\n    SCALED"))
CONTRADICTED = {  # by a check that passed: it is the other one of the two that is wrong
    "∇b": DIVIDED_TWICE.replace("SCALED", "deltas = [d / len(x) for d in deltas]").replace(
        "for d in deltas], deltas", "for d in deltas]"
    ),
    "∇w": DIVIDED_TWICE.replace("SCALED", "nabla_w = [w / len(x) for w in nabla_w]").replace(
        "for d in deltas], deltas", "for d in deltas]"
    ),
}


@catches("whatever explains is named", "grade.judging.grading.acquitted", lambda *_: False, which="∇b")
@pytest.mark.parametrize("which", CONTRADICTED)
def test_no_mistake_is_named_in_an_equation_that_passed(which):
    source = CONTRADICTED[which].replace("nabla_w, nabla_b, _ =", "nabla_w, nabla_b =")
    found = result(source)
    assert not_passed(found) == {{"∇b": "BP3", "∇w": "BP4"}[which]: "failed", "trajectory": "failed"}
    assert not any("∇w" in m.name if which == "∇b" else "∇b" in m.name for m in found.mistakes), found.mistakes


def test_nobody_is_told_of_an_option_that_grading_does_not_have():
    found = result(edited(("def backprop(weights, biases, x, y,", "def backprop(x, y, weights, biases,")))
    reasons = [check.reason for check in found.checks]
    assert not any("--" in reason for reason in reasons)
    assert any("as in `backproof template`" in reason for reason in reasons)
