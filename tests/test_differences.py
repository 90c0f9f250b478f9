"""Difference quotients earn nothing, whatever else is wrong; and what is nearly right has no name."""

from __future__ import annotations

import numpy as np
import pytest
from grade_one import not_passed, result
from planted import faults
from rewritten import edited
from submissions import RIGHT
from test_carried import FILES, WRONG

catches, test_a_planted_fault_is_caught = faults("compare")
pytestmark = pytest.mark.usefixtures("without_shapes")

DIFFERENCES = """

def cost(weights, biases, x, y):
    return 0.5 * np.sum((feedforward(weights, biases, x)[-1] - y) ** 2) / len(x)

def backprop(weights, biases, x, y):
    found = []
    for arrays in (weights, biases):
        for a in arrays:
            found.append(np.zeros_like(a))
            for k in np.ndindex(a.shape):
                old = a[k]
                for at, c in enumerate(POINTS, 1):
                    for sign in (1, -1):
                        a[k] = old + sign * at * STEP
                        found[-1][k] += sign * c * cost(weights, biases, x, y) / STEP
                a[k] = old
    return found[: len(weights)], found[len(weights) :]
"""


TWO, EIGHT = ("[1 / 2]", "1e-5"), ("[4 / 5, -1 / 5, 4 / 105, -1 / 280]", "0.02")
BESIDE = {
    "nothing else": ("np", "np"),
    **WRONG,
    "z of a name": ("@ w.T + b", "@ w.T - b"),
    "z of no name": ("@ w.T + b", "@ w.T + 2 * b"),
    "ReLU": ("sigmoid(activations[-1] @ w.T + b)", "np.maximum(0, activations[-1] @ w.T + b)"),
    "straight lines": ("return 1 / (1 + np.exp(-z))", "return np.where(z > 0, z, z / 8)"),
}


def differences(beside, quotients, right=RIGHT):
    source = edited(BESIDE[beside], source=right + DIFFERENCES).replace("nabla_b, _ =", "nabla_b =")
    points, step = quotients
    return source.replace("POINTS", points).replace("STEP", step)


@pytest.mark.parametrize("beside", BESIDE)
@catches("nearly given", "grade.judging.holding.CLOSE", 1e-6, beside="sigmoid")
@catches("nearly alone", "check.naming.ALONE", {"float64": 1e-6}, beside="ReLU")
def test_differences_earn_nothing_whatever_else_is_wrong(beside):
    assert {"BP1", "BP2", "BP3", "BP4"} <= not_passed(result(differences(beside, TWO))).keys()


FORWARD_PASS = """    a = x
    for w, b in zip(weights, biases):
        a = sigmoid(w @ a + b)
    return 0.5"""
CALLS_IT = """class Network:
    def backprop(self, x, y):
        return quotients(self.weights, self.biases, x, y)[::-1]
"""


@catches("∇b alone is enough", "grade.judging.holding.only_calls_it_delta", lambda *_: False)
def test_differences_of_a_class_earn_nothing_by_a_wrong_sigmoid():
    quotients = (
        DIFFERENCES.replace("def backprop", "def quotients")
        .replace("POINTS", TWO[0])
        .replace("STEP", TWO[1])
        .replace(" / len(x)", "")
    )
    quotients = quotients.replace("    return 0.5", FORWARD_PASS).replace("feedforward(weights, biases, x)[-1]", "a")
    renamed = [("def backprop(self", "def unused(self"), ("class Network:\n", CALLS_IT), ("exp(-z)", "exp(-2 * z)")]
    source = edited(*renamed, source=FILES["a class"]) + quotients
    found = not_passed(result(source))
    assert found.keys() == {"sigmoid", "BP1", "BP2", "BP3", "BP4", "trajectory"}


OF_Z = """
def backprop(weights, biases, x, y):
    activations = feedforward(weights, biases, x)
    zs = [a @ w.T + b for a, w, b in zip(activations, weights, biases)]
    deltas = [np.zeros_like(z) for z in zs]
    for l, delta in enumerate(deltas):
        for at in np.ndindex(delta.shape):
            for step in (1e-5, -1e-5):
                z = zs[l].copy()
                z[at] += step
                a = feedforward(weights[l + 1 :], biases[l + 1 :], sigmoid(z))[-1]
                delta[at] += 0.5 * np.sum((a - y) ** 2) / (2 * step)
    nabla_w = [d.T @ a / len(x) for d, a in zip(deltas, activations)]
    return nabla_w, [d.sum(axis=0) / len(x) for d in deltas], deltas
"""


@catches("they seem to be float32's", "check.report.unseen", lambda *_: False)
def test_a_delta_that_is_found_by_differences_costs_bp1_and_bp2():
    lost = [not_passed(result(RIGHT + OF_Z, student=student)).keys() for student in ("ada", "bob")]
    assert all({"BP1", "BP2"} <= one for one in lost)


def test_differences_of_eight_points_earn_nothing():
    assert {"BP1", "BP2", "BP3", "BP4"} <= not_passed(result(differences("nothing else", EIGHT))).keys()


def with_more_digits():
    """Differences whose error is larger than float64's rounding, and less than what tells two mistakes apart."""
    source = differences("nothing else", ("[1 / 2]", "3e-5"))
    source = source.replace("feedforward(weights, biases, x)[-1] - y", "feedforward(finer, biases, x)[-1] - y")
    source = source.replace("zeros_like(a)", "zeros_like(a, dtype=np.longdouble)")
    finer = "def cost(weights, biases, x, y):\n    finer = [w.astype(np.longdouble) for w in weights]"
    rounded = "    found = [f.astype(float) for f in found]\n    return found[: len(weights)]"
    return source.replace("def cost(weights, biases, x, y):", finer).replace(
        "    return found[: len(weights)]", rounded
    )


@pytest.mark.skipif(np.finfo(np.longdouble).eps > 1e-18, reason="longdouble is float64 here")
@catches("what is nearly right has a name", "check.naming._right", lambda *_: False)
def test_what_is_nearly_right_has_no_name():
    assert result(with_more_digits()).mistakes == []


def test_straight_lines_are_told_from_what_bends():
    straight = differences("straight lines", TWO).replace("1e-5", "2.0**-8")
    right = RIGHT[RIGHT.index("def sigmoid_prime") : RIGHT.index("def feedforward")]
    found = result(straight.replace(right, "def sigmoid_prime(z):\n    return np.where(z > 0, 1, 1 / 8)\n\n"))
    assert {"BP1", "BP2"} <= not_passed(found).keys()


def test_what_the_docs_say_of_eight_points_is_so():
    found = not_passed(result(differences("sigmoid_prime", EIGHT)))
    assert {"BP1", "BP2", "BP3", "BP4"} - found.keys() == {"BP1"}
