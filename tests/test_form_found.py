"""The form of a program is found though a matrix in it lies the wrong way round, and that costs its own check."""

from __future__ import annotations

from dataclasses import replace

import pytest
from grade_one import not_passed
from grade_one import result as graded
from planted import faults
from submissions import NIELSEN, RIGHT, a_case, started

from compare.check.fit import fit
from compare.check.forms import Came, is_square, likeliest
from compare.diagnosis.case import Observed, Shown
from compare.submission.conventions import NIELSEN as AS_IN_THE_BOOK
from compare.submission.conventions import Conventions
from compare.submission.network_class import METHODS

catches, test_a_planted_fault_is_caught = faults("compare")
pytestmark = pytest.mark.usefixtures("without_shapes")

COLUMNS = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def feedforward(weights, biases, x):
    a = [x]
    for w, b in zip(weights, biases):
        a.append(sigmoid(w @ a[-1] + b))
    return a

def backprop(weights, biases, x, y):
    m = x.shape[1]
    a = feedforward(weights, biases, x)
    deltas = [(a[-1] - y) * a[-1] * (1 - a[-1])]
    for l in range(len(weights) - 1, 0, -1):
        deltas.insert(0, weights[l].T @ deltas[0] * a[l] * (1 - a[l]))
    return [d @ a.T / m for d, a in zip(deltas, a)], [d.sum(axis=1, keepdims=True) / m for d in deltas]

def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b = backprop(weights, biases, x, y)
    return [w - eta * g for w, g in zip(weights, nabla_w)], [b - eta * g for b, g in zip(biases, nabla_b)]
"""
ALONE = (
    COLUMNS.replace("d @ a.T / m", "np.outer(d, a)")
    .replace("d.sum(axis=1, keepdims=True) / m", "d")
    .replace("    m = x.shape[1]\n", "")
)
ONE = ALONE.replace(
    "    nabla_w, nabla_b = backprop(weights, biases, x, y)\n",
    "    found = [backprop(weights, biases, *one) for one in zip(x, y)]\n"
    "    nabla_w, nabla_b = ([sum(of) / len(x) for of in zip(*all_)] for all_ in zip(*found))\n",
)
PROGRAMS = {"columns": COLUMNS, "one example": ONE, "a class": NIELSEN}
FORMS = {
    "columns": Conventions(examples="columns", biases="column"),
    "one example": Conventions(batch="one but update"),
    "a class": AS_IN_THE_BOOK,
}
WRONG = {
    "w not transposed in BP2": {"columns": ("weights[l].T @", "weights[l] @"), "a class": ("w.T @", "w @")},
    "∇w transposed": {"columns": ("d @ a.T / m", "a @ d.T / m"), "a class": ("delta @ a.T", "a @ delta.T")},
}
WRONG["w not transposed in BP2"]["one example"] = WRONG["w not transposed in BP2"]["columns"]
WRONG["∇w transposed"]["one example"] = ("np.outer(d, a)", "np.outer(a, d)")
CANONICAL = Conventions().mapping
NONE, ALL = frozenset(), frozenset(METHODS)
came_of = Came.of


def with_mistake(program, name):
    return PROGRAMS[program].replace(*WRONG[name][program])


def form_found(source):
    with started(source) as submission:
        return fit(submission.with_conventions(Conventions()), seed=0).submission.conventions


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("program", PROGRAMS)
@catches(
    "the nearest one", "check.fit.likeliest", lambda came, *_: came, program="columns", name="w not transposed in BP2"
)
def test_the_form_is_found_though_a_matrix_lies_the_wrong_way_round(program, name):
    assert form_found(with_mistake(program, name)) == FORMS[program]


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("program", PROGRAMS)
def test_such_a_mistake_costs_its_own_check_in_every_form(program, name):
    found = graded(with_mistake(program, name), conventions=CANONICAL)
    assert not_passed(found).keys() - {"sigmoid_prime"} == {name[-3:] if "BP" in name else "BP4", "trajectory"}
    assert [mistake.name for mistake in found.mistakes] == [name]


@catches("by what shows without names", "grade.judging.judgement.Judgement.named", property(lambda one: one.nameless))
def test_where_the_stated_form_explains_more_it_is_the_one_that_is_meant():
    found = graded(RIGHT.replace("@ w.T", "@ w"), layers=2)  # as if weights were (n_in, n_out), on the way forward
    assert not_passed(found).keys() == {"feedforward", "trajectory"}
    assert [mistake.name for mistake in found.mistakes] == ["w transposed in z"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_right_programs_keep_their_points(program):
    assert not_passed(graded(PROGRAMS[program], conventions=CANONICAL)).keys() <= {"sigmoid_prime"}


@pytest.mark.parametrize("stated", [CANONICAL, CANONICAL | {"batch": "one"}], ids=["together", "one"])
@catches("a trajectory of mini-batches", "grade.judging.grader._takes_one", lambda _: False, stated=CANONICAL)
def test_an_update_that_takes_one_example_has_a_trajectory_of_single_ones(stated):
    assert not_passed(graded(ALONE, layers=2, conventions=stated)).keys() == {"sigmoid_prime"}


@catches("all show as much", "check.fit.Came.of", lambda *given: replace(came_of(*given), shown=0))
def test_a_function_that_gives_wrong_shapes_everywhere_shows_its_form_by_the_others():
    assert form_found(COLUMNS.replace(", keepdims=True", "")) == FORMS["columns"]


TYPING_ERROR = NIELSEN.replace("return nabla_b", "return nable_b")


@catches("as any other", "check.forms.NIELSEN", Conventions())
def test_a_class_that_does_not_answer_is_asked_in_the_form_of_the_book():
    came = [Came(form, NONE, NONE, ALL, NONE) for form in (Conventions(), FORMS["columns"], FORMS["a class"])]
    assert likeliest(came, True, lambda _: Observed(Shown()))[0].form == FORMS["a class"]
    assert likeliest(came, False, lambda _: Observed(Shown()))[0].form == Conventions()


def test_a_typing_error_in_a_class_is_told_and_not_what_another_form_raises():
    found = graded(TYPING_ERROR, conventions=CANONICAL)
    reasons = " ".join(check.reason for check in found.checks)
    assert "nable_b" in reasons
    assert "positional" not in reasons


def test_a_class_is_not_told_that_its_update_takes_all_examples_as_is_stated():
    stated = AS_IN_THE_BOOK.mapping | {"batch": "one but update"}
    assert graded(TYPING_ERROR, layers=2, conventions=stated).conventions == []


@pytest.mark.parametrize(("sizes", "m"), [((4, 4, 4), 4), ((4, 4, 4), 3), ((4, 4, 3), 4)])
def test_a_square_case_is_as_wide_everywhere(sizes, m):
    assert is_square(a_case(sizes, m)) == (sizes == (4, 4, 4) and m == 4)
