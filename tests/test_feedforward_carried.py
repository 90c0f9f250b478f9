"""A feedforward that is wrong and shows its output alone costs itself, and not the equations of backprop."""

from __future__ import annotations

import pytest
from grade_one import PRIME, not_passed, result
from planted import faults
from rewritten import edited
from submissions import NIELSEN

from compare.grade.judging.passing import ways

catches, test_a_planted_fault_is_caught = faults("compare.grade.judging")
pytestmark = pytest.mark.usefixtures("without_shapes")

ITSELF = {"feedforward": "failed", "trajectory": "failed"}
FORWARD = [("(w @ a + b)", "(w @ a + b, w)"), ("(w @ activations[-1] + b)", "(w @ activations[-1] + b, w)")]
LAYER = """

class Network(Network):
    def layer(self, z, w):
        output = w is self.weights[-1]
        return OF_Z
"""
OF_Z = {
    "every layer": "sigmoid(2 * z)",
    "the hidden layers": "sigmoid(z) if output else np.tanh(z)",
    "the hidden layers, by much": "sigmoid(z) if output else 5 * z",
    "the output layer": "sigmoid(3 * z) if output else sigmoid(z)",
}


def of_z(where, *pairs):
    """Nielsen's class with another function of z there."""
    source = edited(
        *FORWARD, ("= sigmoid(", "= self.layer("), ("append(sigmoid(", "append(self.layer("), source=NIELSEN
    )
    return edited(*pairs, source=source) + PRIME + LAYER.replace("OF_Z", OF_Z[where])


def but(k):
    """All ways but one."""
    return lambda *given: [way for i, way in enumerate(ways(*given)) if i != k]


@pytest.mark.parametrize("where", OF_Z)
@catches("no network ends there", "passing.ways", but(0), where="every layer")
@catches("nothing is passed on", "passing.ways", but(1), where="the hidden layers")
@catches("what is large loses its digits", "passing.SCALES", (1.0,), where="the hidden layers, by much")
def test_what_a_layer_gives_is_what_is_judged_by(where):
    found = result(of_z(where), layers=2)
    assert not_passed(found) == ITSELF


ANOTHER = {
    "BP1": ("(a - y)", "(a - 2 * y)"),
    "BP2": ("w.T @ nabla_b[0]", "w.T**2 @ nabla_b[0]"),
    "BP4": ("delta @ a.T for", "abs(delta) @ a.T for"),
}


@pytest.mark.parametrize("equation", ANOTHER)
@catches("its values acquit", "passing.failing", lambda *_: set(), equation="BP2")
def test_a_second_mistake_costs_its_own_equation(equation):
    assert not_passed(result(of_z("every layer", ANOTHER[equation]), layers=2)) == ITSELF | {equation: "failed"}


NOTHING_FOLLOWS = {
    "zeros": [("[(a - y)", "[0 * (a - y)")],
    "nearly": [("[(a - y)", "[(1 + 1e-10 * y) * (a - y)")],
}


@pytest.mark.parametrize("how", NOTHING_FOLLOWS)
@catches("zeros will do", "holding.idle", lambda *_: False, how="zeros")
@catches("a difference quotient passes", "holding.CLOSE", 1e-8, how="nearly")
def test_what_does_not_follow_from_its_values_is_not_acquitted(how):
    found = result(of_z("every layer", *NOTHING_FOLLOWS[how]), layers=2)
    assert {"feedforward", "BP2" if how == "zeros" else "BP1"} <= not_passed(found).keys()


@catches("one number is enough", "passing.tells", lambda _: True)
def test_an_output_of_one_number_everywhere_shows_nothing():
    constant = of_z("every layer").replace("sigmoid(2 * z)", "sigmoid(0 * z)")
    assert {"feedforward", "BP2", "BP4"} <= not_passed(result(constant, layers=2)).keys()
