"""Right code that returns more, less or something else than is asked for is right, or told what is wanted."""

from __future__ import annotations

import pytest
from command_line import write
from rewritten import edited
from submissions import NIELSEN, RIGHT

from compare.verdict import Outcome

pytestmark = pytest.mark.usefixtures("without_shapes", "warm_workers")


ZS = [
    ("    activations = [x]\n", "    activations = [x]\n    zs = []\n"),
    (
        "        activations.append(sigmoid(activations[-1] @ w.T + b))",
        "        zs.append(activations[-1] @ w.T + b)\n        activations.append(sigmoid(zs[-1]))",
    ),
]
PAIRS = {
    "(zs, activations)": ("zs, activations", 1, "a list of 3 arrays, a list of 4 arrays"),
    "(activations, zs)": ("activations, zs", 0, "a list of 4 arrays, a list of 3 arrays"),
    "(output, activations)": ("activations[-1], activations", 1, "an array of shape (7, 3), a list of 4 arrays"),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_from_feedforward_is_told_first_with_what_came_and_the_way_out(report_of, name):
    returned, at, came = PAIRS[name]
    own = ("a = feedforward(weights, biases, x)", f"a = feedforward(weights, biases, x)[{at}]")
    report = report_of(edited(*ZS, ("    return activations\n", f"    return {returned}\n"), own))
    first = report.faults[0].sentence
    assert f"feedforward returned 2 results, {came}; expected the activations, a list from x to the output" in first
    assert "--adapter" in first
    assert (len(report.faults), report.smallest) == (1, None)


@pytest.mark.parametrize("layers", [None, 1])
def test_activations_as_lists_of_rows_are_no_pair(report_of, layers):
    rows = ("    return activations\n", "    return [list(a) for a in activations]\n")
    own = ("a = feedforward(weights, biases, x)", "a = [np.array(a) for a in feedforward(weights, biases, x)]")
    assert not any("results" in f.sentence for f in report_of(edited(rows, own), layers=layers).faults)


SIGNATURES = {
    "fewer": (
        edited(
            (
                "def update_mini_batch(weights, biases, x, y, eta):",
                "def update_mini_batch(weights, biases, pair, eta):\n    x, y = pair",
            )
        ),
        "update_mini_batch is called as update_mini_batch(weights, biases, x, y, eta), but update_mini_batch() takes 4",
    ),
    "another order": (
        edited(
            ("x, y, factor=1, over=None):", "x, y, factor=1, over=None, *, f=0):"),
            ("def backprop(weights, biases, x, y,", "def backprop(x, y, weights, biases,"),
            ("backprop(weights, biases, x, y)", "backprop(x, y, weights, biases)"),
        ),
        "backprop is called as backprop(weights, biases, x, y), but it takes x, y, weights, biases",
    ),
    "a method": (
        edited(("mini_batch, eta)", "mini_batch, eta, lmbda)"), source=NIELSEN),
        "is called as update_mini_batch(mini_batch, eta), but Network.update_mini_batch() missing 1",
    ),
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_another_signature_is_told_with_the_expected_one_and_has_no_smallest_case(report_of, name):
    source, words = SIGNATURES[name]
    report = report_of(source)
    assert words in report.faults[0].sentence
    assert "--adapter" in report.faults[0].sentence
    assert ("backproof template" in report.faults[0].sentence) == (source != SIGNATURES["a method"][0])
    assert (report.outcome, report.smallest, report.conventions) == (Outcome.MISMATCH, None, [])


def test_a_type_error_within_the_code_is_not_taken_for_its_signature(report_of):
    report = report_of(edited(("    a = feedforward(weights, biases, x)", "    a = feedforward(weights, x)")))
    assert "raised TypeError: feedforward() missing 1" in report.faults[0].sentence


def test_code_that_asks_for_input_is_told_so(backproof, report_of):
    report = report_of(edited(("    a = feedforward(", "    rate = float(input('rate? '))\n    a = feedforward(")))
    assert report.faults[0].sentence.startswith("backprop asks for input, and there is nobody to type it; give the")
    assert report.smallest is None
    code, _, err = backproof("check", write("n = input('layers? ')\n" + RIGHT))
    assert (code, "line 1: asks for input when it is loaded" in err) == (2, True)


MATRIX = [
    ("sigmoid(activations[-1] @ w.T + b)", "sigmoid(np.matrix(activations[-1]) * np.matrix(w).T + np.matrix(b))"),
    ("    a = feedforward(weights, biases, x)\n", "    a = [np.matrix(t) for t in feedforward(weights, biases, x)]\n"),
    ("factor * (a[-1] - y) * a[-1] * (1 - a[-1])", "np.multiply(a[-1] - y, np.multiply(a[-1], 1 - a[-1]))"),
    ("deltas[0] @ w * a_l * (1 - a_l)", "np.multiply(deltas[0] @ w, np.multiply(a_l, 1 - a_l))"),
]
OBJECTS = [("return nabla_w, [d", "return np.array(nabla_w, dtype=object), [d")]
OF_OBJECTS = [("d.T @ a_l / (over or len(x))", "(d.T @ a_l / (over or len(x))).astype(object)")]


@pytest.mark.parametrize("edits", [MATRIX, OBJECTS, OF_OBJECTS], ids=["np.matrix", "an array of arrays", "of objects"])
def test_a_right_program_of_matrices_or_objects_is_right_and_a_wrong_one_wrong(report_of, edits):
    report = report_of(edited(*edits))
    assert (report.outcome, report.conventions, report.notes) == (Outcome.MATCH, [], [])
    wrong = report_of(edited(*edits, ("[d.sum(axis=0) / (over or len(x))", "[d.sum(axis=0)")))
    assert [[one.name for one in named] for named in wrong.explanations] == [["∇b not divided by m"]]


def test_a_matrix_of_another_shape_is_told(report_of):
    twice = ("d.sum(axis=0) / (over or len(x))", "np.vstack([d.sum(axis=0)] * 2)")
    assert "nabla_b[0] (layer 1) of shape (2, 5)" in report_of(edited(*MATRIX, twice)).faults[0].sentence
