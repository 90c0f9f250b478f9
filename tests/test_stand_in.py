"""An update beside a backprop that gives nothing to go by: right, if it steps by what stands in for the gradient."""

from __future__ import annotations

import pytest
from grade_one import PRIME, assignment, not_passed, result, sandbox
from planted import faults
from rewritten import edited
from submissions import NIELSEN

from compare.grade.judging.grader import Grader
from compare.grade.judging.stepping import SOURCE
from compare.grade.submitted import Submitted
from compare.submission.conventions import NIELSEN as AS_IN_THE_BOOK
from compare.submission.conventions import Conventions

catches, test_a_planted_fault_is_caught = faults("compare.grade.judging")
pytestmark = pytest.mark.usefixtures("without_shapes")

ONLINE = """gradients = []
        for x, y in mini_batch:
            gradients.append(self.backprop(x, y))
            self.weights = [w - eta * g for w, g in zip(self.weights, gradients[-1][1])]"""
SECOND = {"seconds": 1.0, "megabytes": 1024}
BODY = "    a = feedforward(weights, biases, x)\n"
ACTIVATIONS = "        activations = [x]\n"
CLASS = NIELSEN + PRIME
TWO = edited(("nabla_w, nabla_b, _ =", "nabla_w, nabla_b ="), ("for d in deltas], deltas", "for d in deltas]"))
COLUMNS = """conventions = {"weights": "in_out", "biases": "row", "gradients": "b, w"}
""" + edited(("nabla_w, nabla_b, _ = backprop", "nabla_b, nabla_w = backprop"))
NOTHING_TO_GO_BY = {
    "raises": edited((BODY, "    raise ValueError\n")),
    "of two results": edited((BODY, "    raise ValueError\n"), source=TWO),
    "in another form": edited((BODY, "    raise ValueError\n"), source=COLUMNS),
    "returns nothing": edited((BODY, "    return None\n")),
    "is not written": edited((BODY, "    raise NotImplementedError\n")),
    "is a method": edited((ACTIVATIONS, "        raise ValueError\n"), source=CLASS),
    "gives zeros": edited(("delta @ a.T", "0 * delta @ a.T"), ("(a - y)", "0 * (a - y)"), source=CLASS),
    "below a line that raises": "open('not here')\n" + edited((BODY, "    raise ValueError\n")),
}


@pytest.mark.parametrize("how", NOTHING_TO_GO_BY)
@catches("nothing stands in", "judgement.doubtful", lambda _: False, how="gives zeros")
@catches("always three results", "stepping.RESULTS", (3,), how="of two results")
@catches("always two results", "stepping.RESULTS", (2,), how="raises")
def test_an_update_costs_nothing_where_backprop_gives_nothing_to_go_by(how):
    found = not_passed(result(NOTHING_TO_GO_BY[how], layers=2))
    assert found.keys() == {"BP1", "BP2", "BP3", "BP4", "trajectory"}


def test_an_update_costs_nothing_where_backprop_never_returns():
    found = not_passed(result(edited((BODY, "    while True:\n        pass\n")), layers=2, limits=SECOND))
    assert found.keys() == {"BP1", "BP2", "BP3", "BP4", "trajectory"}


def test_the_functions_may_lie_in_a_file_beside():
    every = "from work import backprop, feedforward, sigmoid, sigmoid_prime, update_mini_batch"
    submitted = Submitted("ada", every.encode(), "net.py", beside={"work.py": NOTHING_TO_GO_BY["raises"].encode()})
    assert "update" not in not_passed(Grader(assignment(layers=2), sandbox()).result(submitted))


def test_an_array_of_another_shape_costs_its_own_equation():
    assert not_passed(result(edited(("d.sum(axis=0)", "d.sum()")), layers=2)).keys() == {"BP3", "trajectory"}


WRONG = {
    "the sign": ("w - eta * nw", "w + eta * nw"),
    "η": ("b - eta * nb", "b - nb"),
    "nothing": ("return ([w", "return weights, biases\n    return ([w"),
    "of the first example": (
        "backprop(weights, biases, x, y)\n    return",
        "backprop(weights, biases, x[:1], y[:1])\n    return",
    ),
    "x and y exchanged": ("backprop(weights, biases, x, y)\n    return", "backprop(weights, biases, y, x)\n    return"),
    "of other weights": (
        "backprop(weights, biases, x, y)\n    return",
        "backprop([0 * w for w in weights], biases, x, y)\n    return",
    ),
    "of other biases": (
        "backprop(weights, biases, x, y)\n    return",
        "backprop(weights, [0 * b for b in biases], x, y)\n    return",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
@catches("any step will do", "stepping.exactly", lambda *_: True, wrong="the sign")
@catches(
    "any weights will do",
    "stepping.SOURCE",
    SOURCE.replace('"weights"', '"biases"').replace(", weights)", ", biases)"),
    wrong="of other weights",
)
@catches("in any order", "stepping.SOURCE", SOURCE.replace("at_x[0] < at_y[0]", "True"), wrong="x and y exchanged")
def test_a_wrong_update_stays_wrong(wrong):
    assert "update" in not_passed(result(edited(WRONG[wrong], source=NOTHING_TO_GO_BY["raises"]), layers=2))


ONE_BY_ONE = {
    "after each example": ("gradients = [self.backprop(x, y) for x, y in mini_batch]", ONLINE),
    "not of all": ("for x, y in mini_batch]", "for x, y in mini_batch[1:]]"),
    "one of them twice": ("for x, y in mini_batch]", "for x, y in mini_batch[:1] + mini_batch[:-1]]"),
}


@pytest.mark.parametrize("wrong", ONE_BY_ONE)
def test_a_wrong_update_by_one_example_after_another_stays_wrong(wrong):
    assert "update" in not_passed(result(edited(ONE_BY_ONE[wrong], source=NOTHING_TO_GO_BY["is a method"]), layers=2))


SUM = edited(("step = eta / len(mini_batch)", "step = eta"), source=NOTHING_TO_GO_BY["is a method"])


@pytest.mark.parametrize("strict", [True, False])
def test_the_sum_in_place_of_the_mean_is_a_convention_as_it_is_beside_a_right_backprop(strict):
    conventions = Conventions.parse({}, AS_IN_THE_BOOK).mapping
    found = result(SUM, layers=2, strict=strict, conventions=conventions)
    assert ("update" in not_passed(found)) == strict


def test_where_backprop_gives_zeros_it_is_told_that_the_step_is_wrong_all_the_same():
    found = result(edited(("step = eta", "step = -eta"), source=NOTHING_TO_GO_BY["gives zeros"]), layers=2)
    (reason,) = (check.reason for check in found.checks if check.name == "update")
    assert reason.startswith("the parameters stay what they were; nor are they right")
