"""An update beside a backprop that gives nothing to go by: right, if it steps by what stands in for the gradient."""

from __future__ import annotations

import pytest
from planted import faults
from rewritten import edited
from submissions import NIELSEN
from test_grading import PRIME, assignment, not_passed, result, sandbox

from compare.grade.judging.grader import Grader
from compare.grade.submitted import Submitted

catches, test_a_planted_fault_is_caught = faults("compare.grade.judging")
pytestmark = pytest.mark.usefixtures("without_shapes")

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


@pytest.fixture(scope="module", autouse=True)
def _closed():
    yield
    sandbox().close()
    sandbox.cache_clear()


@pytest.mark.parametrize("how", NOTHING_TO_GO_BY)
@catches("nothing stands in", "judgement.doubtful", lambda _: False, how="gives zeros")
@catches("always three results", "stand_in.RESULTS", (3,), how="of two results")
@catches("always two results", "stand_in.RESULTS", (2,), how="raises")
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
    "the mean": ("step = eta / len(mini_batch)", "step = eta"),
    "nothing": ("return ([w", "return weights, biases\n    return ([w"),
}


@pytest.mark.parametrize("wrong", WRONG)
@catches("any step will do", "stand_in.exactly", lambda *_: True, wrong="the sign")
@catches("any step will do", "stand_in.exactly", lambda *_: True, wrong="the mean")
def test_a_wrong_update_stays_wrong(wrong):
    of = "is a method" if wrong == "the mean" else "raises"
    assert "update" in not_passed(result(edited(WRONG[wrong], source=NOTHING_TO_GO_BY[of]), layers=2))
