"""What strangers found and was mended: right code that was rejected, and sentences that led nowhere."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from command_line import write
from planted import faults
from submissions import NIELSEN, RIGHT, written

from compare.check import extremes
from compare.check.check import Settings, check
from compare.diagnosis.case import Fault
from compare.verdict import Outcome

pytestmark = pytest.mark.usefixtures("without_shapes", "warm_workers")
catches, test_a_planted_fault_is_caught = faults("compare")


def edited(*pairs, source=RIGHT):
    """The source with the second of each pair in place of the first."""
    for old, new in pairs:
        assert old in source
        source = source.replace(old, new)
    return source


@pytest.fixture
def report_of(tmp_path):
    def report(source, **settings):
        path = tmp_path / "net.py"
        path.write_text(source, encoding="utf-8")
        return check(path, settings=Settings(**settings))

    return report


# ------------------------------------------------------------------------------------------------ where e⁻ᶻ overflows

SIGMOID = "    return 1 / (1 + np.exp(-z))\n"
PRIME = "    return sigmoid(z) * (1 - sigmoid(z))\n"
BY_MATH = "    import math\n    return np.vectorize(lambda t: 1 / (1 + math.exp(-t)))(z)\n"
BY_LIST = (
    "    import math\n    z = np.asarray(z)\n"
    "    return np.array([1 / (1 + math.exp(-t)) for t in z.ravel()]).reshape(z.shape)\n"
)
TEXTBOOK = "    return np.exp(-z) / (1 + np.exp(-z)) ** 2\n"
OF_Z = [
    (
        "    deltas = [factor * (a[-1] - y) * a[-1] * (1 - a[-1])]",
        "    zs = [x @ w.T + b for x, w, b in zip(a, weights, "
        "biases)]\n    deltas = [factor * (a[-1] - y) * sigmoid_prime(zs[-1])]",
    ),
    ("for w, a_l in zip(weights[:0:-1], a[-2:0:-1]):", "for w, z in zip(weights[:0:-1], zs[-2::-1]):"),
    ("deltas[0] @ w * a_l * (1 - a_l)", "deltas[0] @ w * sigmoid_prime(z)"),
]
OVERFLOWING = {
    "math.exp": (edited((SIGMOID, BY_MATH)), "sigmoid raises OverflowError at z = -710; right for |z| up to 100"),
    "math.exp of a list": (edited((SIGMOID, BY_LIST)), "backprop, update_mini_batch raise OverflowError where |z|"),
    "np.seterr": (
        edited((SIGMOID, "    with np.errstate(over='raise'):\n    " + SIGMOID)),
        "raises FloatingPointError",
    ),
    "σ′ of the textbook": (edited((PRIME, TEXTBOOK)), "sigmoid_prime gives NaN at z = -710; right for |z| up to 100"),
    "σ′ of the textbook in BP1 and BP2": (
        edited((PRIME, TEXTBOOK), *OF_Z),
        "backprop, update_mini_batch give NaN where |z| goes up to ",
    ),
    "its cost doubled": (
        edited((PRIME, TEXTBOOK), *OF_Z, ("factor=1,", "factor=2,")),
        "backprop, update_mini_batch give NaN where |z| goes up to ",
    ),
    "with no function of z": (
        edited((SIGMOID, BY_MATH), ("def sigmoid(", "def s("), ("sigmoid(", "s("), ("def sigmoid_prime", "def ds")),
        "feedforward, backprop, update_mini_batch raise OverflowError",
    ),
}


@pytest.mark.parametrize("name", OVERFLOWING)
@pytest.mark.parametrize("seed", [0, 7])
def test_what_overflows_at_extreme_z_only_is_told_and_is_no_mismatch_but_with_strict(report_of, name, seed):
    source, words = OVERFLOWING[name]
    report = report_of(source, seed=seed)
    assert report.outcome is Outcome.MATCH, report.faults
    assert any(words in sentence for sentence in report.conventions)
    assert seed or report_of(source, seed=seed, strict=True).outcome is Outcome.MISMATCH


ALONE = """import numpy as np
def backprop(weights, biases, x, y):
    zs, a = [], [x]
    for w, b in zip(weights, biases):
        zs.append(a[-1] @ w.T + b)
        a.append(1 / (1 + np.exp(-zs[-1])))
    primes = [np.exp(-z) / (1 + np.exp(-z)) ** 2 for z in zs]
    deltas = [(a[-1] - y) * primes[-1]]
    for w, prime in zip(weights[:0:-1], primes[-2::-1]):
        deltas.insert(0, deltas[0] @ w * prime)
    return [d.T @ b / len(x) for d, b in zip(deltas, a)], [d.sum(axis=0) / len(x) for d in deltas]
"""


def test_of_backprop_alone_what_overflows_is_told_too(report_of):
    report = report_of(ALONE)
    assert report.outcome is Outcome.MATCH, report.faults
    assert any("backprop gives NaN where |z| goes up to" in sentence for sentence in report.conventions)
    assert report_of(ALONE.replace("** 2", "** 2.0001")).outcome is Outcome.MISMATCH
    forward = (
        "def feedforward(weights, biases, x):\n    return [x] + [np.full((len(x), len(b)), np.nan) for b in biases]\n"
    )
    assert report_of(ALONE + forward).outcome is Outcome.MISMATCH


WRONG_ANYWHERE = {
    "raises everywhere": edited((SIGMOID, "    raise OverflowError('math range error')\n")),
    "raises from z = -30 on": edited((SIGMOID, "    if np.min(z) < -30:\n        raise OverflowError\n" + SIGMOID)),
    "wrong at moderate z": edited((SIGMOID, BY_MATH.replace("-t", "-1.0001 * t"))),
    "wrong above": edited((SIGMOID, BY_MATH.replace("(z)\n", "(z) * np.where(z > 700, 0.5, 1)\n"))),
    "wrong σ′, NaN at the extremes": edited((PRIME, TEXTBOOK.replace("** 2", "** 2.0001"))),
    "σ that is NaN": edited((SIGMOID, "    return np.exp(z) / (1 + np.exp(z))\n")),
    "∇b of NaN in any case": edited(("d.sum(axis=0) /", "np.nan * d.sum(axis=0) /")),
    "another δ, and NaN at the extremes": edited((PRIME, TEXTBOOK), *OF_Z, ("(a[-1] - y) *", "(a[-1] - y / 2) *")),
}


@pytest.mark.parametrize("name", WRONG_ANYWHERE)
def test_what_is_wrong_at_moderate_z_is_rejected_whatever_overflows(report_of, name):
    report = report_of(WRONG_ANYWHERE[name])
    assert report.outcome is Outcome.MISMATCH
    assert not any("right for" in sentence for sentence in report.conventions if "backprop" in sentence)


@catches("any error", "check.extremes.RAISED", __import__("re").compile(r" raised (\w+)"))
def test_only_an_overflow_is_excused():
    assert extremes.overflow([Fault("raised", "sigmoid", "sigmoid raised OverflowError: math range error")])
    assert not extremes.overflow([Fault("raised", "sigmoid", "sigmoid raised ValueError: an OverflowError")])


# ------------------------------------------------------------------------------------------------ δ divided by m

NOT_AFTER = [
    ("/ (over or len(x)) for d, a_l in zip(deltas, a)]", "for d, a_l in zip(deltas, a)]"),
    ("d.sum(axis=0) / (over or len(x)) for", "d.sum(axis=0) for"),
]
SHARED = [*NOT_AFTER, ("factor * (a[-1] - y)", "factor / len(x) * (a[-1] - y)")]
OF_Z_SHARED = [
    (old.replace("factor *", "factor / len(x) *"), new.replace("factor *", "factor / len(x) *")) for old, new in OF_Z
]
TOLD = "δ comes divided by m in every layer"


@pytest.mark.parametrize(
    "more", [[], [("factor=1,", "factor=2,")], [(PRIME, TEXTBOOK), *OF_Z_SHARED]], ids=["half", "full", "NaN far out"]
)
def test_a_delta_that_is_divided_by_m_is_a_convention(report_of, more):
    report = report_of(edited(*SHARED, *more))
    assert report.outcome is Outcome.MATCH
    assert any(TOLD in sentence for sentence in report.conventions)
    assert report_of(edited(*SHARED, *more), strict=True).outcome is Outcome.MISMATCH


def test_a_delta_divided_by_m_in_one_layer_only_is_wrong(report_of):
    after = ("    nabla_w = [d.T", "    nabla = [d.sum(axis=0) / (over or len(x)) for d in deltas]\n    nabla_w = [d.T")
    returned = "    return nabla_w, [d.sum(axis=0) / (over or len(x)) for d in deltas], deltas"
    one = (returned, "    deltas[-1] = deltas[-1] / len(x)\n    return nabla_w, nabla, deltas")
    report = report_of(edited(after, one))
    assert report.outcome is Outcome.MISMATCH
    assert not any(TOLD in sentence for sentence in report.conventions)


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        (("deltas[0] @ w * a_l * (1 - a_l)", "deltas[0] @ w"), "σ′ left out of BP2"),
        (("b - eta * nb", "b + eta * nb"), "b updated with + in place of −"),
    ],
)
def test_another_mistake_beside_such_a_delta_is_named_alone(report_of, edit, name):
    report = report_of(edited(*SHARED, edit))
    assert [[one.name for one in named] for named in report.explanations] == [[name]]
    assert any(TOLD in sentence for sentence in report.conventions)
    assert not any("other bits" in finding.sentence for finding in report.findings)


# ------------------------------------------------------------------------------------------------ another interface

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


# ------------------------------------------------------------------------------------------------ what is printed


def test_no_number_is_expected_to_be_nan(backproof):
    wrong = edited(("    nabla_w = [d.T", "    deltas[0] = deltas[0] * np.nan\n    nabla_w = [d.T"))
    out = backproof("check", write(wrong))[1]
    assert "expected nan" not in out
    assert "biases[1][0] is nan, and so is what it is computed from" in out
    assert "convention" not in out


def test_what_is_right_given_its_own_values_has_no_r_of_what_was_wrong_before_it(backproof):
    backproof("check", write(edited(("deltas[0] @ w * a_l * (1 - a_l)", "deltas[0] @ w"))), "--json", "r.json")
    checks = {check["equation"]: check for check in json.loads(Path("r.json").read_text())["checks"]}
    assert (checks["BP3"]["note"], checks["BP3"]["worst"]) == ("given its own values", None)
    assert checks["BP1"]["worst"] < 1 < checks["BP2"]["worst"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import numpy as np\ndef sigmoid(z):\n    return 0 * z\n", "asked about single z; "),
        ("def backprop(x):\n    return x\n", "asked about networks, and nothing came that could be judged; "),
    ],
)
def test_what_was_asked_about_is_never_empty(backproof, source, words):
    out = backproof("check", write(source))[1]
    assert words in out
    assert "about ;" not in out


def test_a_fault_tells_the_layer_as_the_report_counts_it(report_of):
    report = report_of(edited(("    return nabla_w,", "    nabla_w[0] = nabla_w[0].T\n    return nabla_w,")))
    assert "nabla_w[0] (layer 1) of shape (6, 5), its transpose" in report.faults[0].sentence


COLUMNS = [
    ("activations[-1] @ w.T + b", "w @ activations[-1] + b[:, None]"),
    ("deltas[0] @ w *", "w.T @ deltas[0] *"),
    ("d.T @ a_l / (over or len(x))", "d @ a_l.T / x.shape[1]"),
    ("d.sum(axis=0) / (over or len(x))", "d.mean(axis=1)"),
]


@pytest.mark.parametrize("edits", [[], [(" - eta", " + eta")], [("a_l * (1 - a_l)", "a_l")]], ids=len)
def test_of_code_for_any_number_of_layers_no_other_number_is_spoken_of(report_of, edits):
    report = report_of(edited(*COLUMNS, *edits))
    assert "examples are columns, where rows is stated" in report.conventions
    assert not any("layers" in note for note in report.notes)


# ------------------------------------------------------------------------------------------------ matrices and objects

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


# ------------------------------------------------------------------------------------------------ new names

PRIMES_OF_A = [
    OF_Z[0],
    ("deltas[0] @ w * a_l * (1 - a_l)", "deltas[0] @ w * sigmoid_prime(a_l)"),
]
NAMED = {
    "∇b and ∇w divided by n_0": [("over or len(x)", "over or x.shape[1]")],
    "∇w divided by n_0": [("a_l / (over or len(x))", "a_l / (over or x.shape[1])")],
    "∇b divided by n_0": [("d.sum(axis=0) / (over or len(x))", "d.sum(axis=0) / (over or x.shape[1])")],
    "∇b the mean over both axes": [("d.sum(axis=0) / (over or len(x))", "np.full(d.shape[1], d.mean())")],
    "σ′ of a in place of z in BP2": PRIMES_OF_A,
}


@pytest.mark.parametrize("name", NAMED)
def test_a_mistake_that_had_no_name_is_named_alone(report_of, name):
    report = report_of(edited(*NAMED[name]))
    assert [[one.name for one in named] for named in report.explanations] == [[name]]


OF_W = {
    "weight decay": (
        [("w - eta * nw", "w - eta * (nw + 0.01 * w)")],
        "is η∇w + 0.007 × w: is it weight decay, with λ = 0.01",
    ),
    "weight growth": ([("w - eta * nw", "w - eta * (nw - 0.01 * w)")], "is η∇w + (−0.007) × w"),
    "a term in the cost": (
        [
            (
                "a_l / (over or len(x)) for d, a_l in zip(deltas, a)]",
                "a_l / (over or len(x)) + 0.1 * w for d, a_l, w in zip(deltas, a, weights)]",
            )
        ],
        "nabla_w, in every layer, is ∇w + 0.1 × w: is a term in ‖w‖² in your cost",
    ),
    "no w": ([("w - eta * nw", "-eta * nw")], "are −η∇w alone"),
}


@catches("every fit holds", "diagnosis.instruments.weight_decay.CLOSE", {"float64": 1e9}, name="weight decay")
@catches("of the gradient only", "diagnosis.instruments.weight_decay._of_weights", lambda *_: None, name="no w")
@pytest.mark.parametrize("name", OF_W)
def test_a_term_in_w_is_measured(name):
    edits, words = OF_W[name]
    with tempfile.TemporaryDirectory() as folder:
        report = check(written(edited(*edits), folder))
    assert [words in finding.sentence for finding in report.findings if finding.instrument == "decay"] == [True]


@pytest.mark.parametrize("term", ["np.sign(w)", "w ** 2", "b.sum()"])
def test_a_term_in_something_else_is_not_taken_for_one_in_w(report_of, term):
    decayed = (
        "w - eta * nw for w, nw in zip(weights, nabla_w)",
        f"w - eta * nw - {term} for w, nw, b in zip(weights, nabla_w, biases)",
    )
    report = report_of(edited(decayed))
    assert report.outcome is Outcome.MISMATCH
    assert not any(finding.instrument == "decay" for finding in report.findings)
