"""Credit carried forward: a mistake costs the check in which it is made, whatever else is worked out from it."""

from __future__ import annotations

import pytest
from grade_one import not_passed
from grade_one import result as graded
from planted import faults
from rewritten import OF_Z, edited
from submissions import NIELSEN, RIGHT

from compare.grade.judging.given import Given, given

catches, test_a_planted_fault_is_caught = faults("compare")
pytestmark = pytest.mark.usefixtures("without_shapes")


def result(source, layers=2, **more):
    return graded(source, layers=layers, **more)


PRIME = "\n\ndef sigmoid_prime(z):\n    return sigmoid(z) * (1 - sigmoid(z))\n"
HIDDEN = (
    RIGHT.replace("feedforward", "forward")
    + "\n\ndef feedforward(weights, biases, x):\n    return forward(weights, biases, x)[-1]\n"
)
FILES = {  # with the line of its feedforward, and that of its backprop, in which z is
    "activations are shown": edited(*OF_Z),
    "the output only": HIDDEN,
    "a class": NIELSEN.replace("1.0", "1") + PRIME,
}
Z = {
    "activations are shown": "activations[-1] @ w.T + b",
    "the output only": "activations[-1] @ w.T + b",
    "a class": "w @ activations[-1] + b",
}
SIGMOIDS = {
    "of −z": "1 / (1 + np.exp(z))",
    "no sigmoid": "np.tanh(z)",
    "of no name": "1 / (1 + np.exp(-z)) + 0.01 * np.sin(z)",
    "in float32": "1 / (1 + np.exp(-z.astype(np.float32)))",
    "rounded": "np.round(1 / (1 + np.exp(-z)), 3)",
}


def nothing_given(*_):
    return Given()


def holding(*more):
    return Given(given(*more).holds)


WHERE = [("a class", sigmoid) for sigmoid in SIGMOIDS]
WHERE += [(file, sigmoid) for file in FILES for sigmoid in ("of no name", "in float32") if file != "a class"]


@pytest.mark.parametrize(("file", "sigmoid"), WHERE)
@catches("nothing is carried", "grade.judging.judgement.given", nothing_given, file="a class", sigmoid="rounded")
@catches("σ′ has to be right", "grade.judging.given._follows", lambda _: False, file="a class", sigmoid="rounded")
@catches("in float64 only", "grade.judging.given.SINGLE", 1e-12, file="a class", sigmoid="in float32")
def test_a_wrong_sigmoid_costs_itself_and_the_trajectory(file, sigmoid):
    found = result(edited(("1 / (1 + np.exp(-z))", SIGMOIDS[sigmoid]), source=FILES[file]))
    assert not_passed(found) == {"sigmoid": "failed", "trajectory": "failed"}


@catches("what is given is taken for right", "grade.judging.grading.acquitted", lambda made, passed: bool(passed))
def test_a_wrong_sigmoid_is_named_though_feedforward_passes():
    found = result(edited(("np.exp(-z)", "np.exp(z)"), source=FILES["a class"]))
    assert [mistake.name for mistake in found.mistakes] == ["σ of −z"]


NOTHING_FOLLOWS = {
    "feedforward has another": edited(("sigmoid(activations", "(lambda z: 1 / (1 + np.exp(z)))(activations")),
    "nothing comes of it": RIGHT,
}
SIGMA = {"feedforward has another": "np.tanh(z)", "nothing comes of it": "0.5 + 0 * z"}


@pytest.mark.parametrize("how", NOTHING_FOLLOWS)
@catches("any will do", "grade.judging.given._shows", lambda *_: True, how="feedforward has another")
@catches("one number is enough", "grade.judging.given.tells", lambda _: True, how="nothing comes of it")
def test_feedforward_holds_with_the_values_of_sigmoid_or_does_not_hold(how):
    found = result(edited(("1 / (1 + np.exp(-z))", SIGMA[how]), source=NOTHING_FOLLOWS[how]))
    assert {"sigmoid", "feedforward"} <= not_passed(found).keys()


OF_ITS_OWN = edited(*OF_Z) + "\n\ndef sigmoid_prime(z):\n    return SIGMA\n"


@pytest.mark.parametrize(
    "sigma", ["0.5 * sigmoid(z) * (1 - sigmoid(z))", "0.25 + 0.01 * z", "sigmoid(z) * (1 + sigmoid(z))"]
)
@catches("what follows from σ′ costs", "grade.judging.judgement.given", nothing_given, sigma="0.25 + 0.01 * z")
def test_a_wrong_sigmoid_prime_costs_itself_and_not_what_it_is_used_in(sigma):
    found = result(OF_ITS_OWN.replace("SIGMA", sigma))
    assert not_passed(found) == {"sigmoid_prime": "failed", "trajectory": "failed"}


NOT_ITS_OWN = {
    "another one is used": OF_ITS_OWN.replace("SIGMA", "0.25 + 0.01 * z").replace("* sigmoid_prime(z)", "* z"),
    "nothing comes of it": OF_ITS_OWN.replace("SIGMA", "0 * z"),
    "nearly": OF_ITS_OWN.replace("SIGMA", "0.25 + 0.01 * z").replace(
        "* sigmoid_prime(z)", "* sigmoid_prime(z) * (1 + 1e-10 * z)"
    ),
}


@pytest.mark.parametrize("how", NOT_ITS_OWN)
@catches("nothing is enough", "grade.judging.holding.idle", lambda *_: False, how="nothing comes of it")
@catches("a difference quotient passes", "grade.judging.holding.CLOSE", 1e-8, how="nearly")
def test_bp2_holds_with_its_values_or_does_not_hold(how):
    assert {"sigmoid_prime", "BP2"} <= not_passed(result(NOT_ITS_OWN[how])).keys()


@pytest.mark.parametrize("file", ["the output only", "a class"])
def test_a_mistake_in_z_that_has_a_name_costs_feedforward_where_the_output_alone_is_shown(file):
    source = FILES[file].replace("w @ a + b", "w @ a - b").replace(Z[file], Z[file].replace("+ b", "- b"))
    found = result(source)
    assert not_passed(found) == {"feedforward": "failed", "trajectory": "failed"}
    assert [mistake.name for mistake in found.mistakes] == ["bias subtracted"]


@catches("it goes through", "grade.judging.points.explained_elsewhere", lambda *_: "")
@catches("z is feedforward's alone", "grade.judging.grading.FORWARD", "nothing")
def test_a_mistake_in_z_that_backprop_alone_makes_costs_the_first_equation():
    found = result(edited((Z["a class"], "w @ activations[-1] - b"), source=FILES["a class"]))
    assert not_passed(found) == {"BP1": "failed", "trajectory": "failed"}
    assert [mistake.name for mistake in found.mistakes] == ["bias subtracted"]


SLOPES = {"np.tanh(w": "(1 - a**2)", "np.maximum(0, w": "(a > 0)"}


@pytest.mark.parametrize("sigma", SLOPES)
@catches("its slope costs, too", "grade.judging.named._equations", lambda mistake: mistake.equations, sigma="np.tanh(w")
def test_another_function_in_place_of_sigma_costs_feedforward_and_its_slope_costs_nothing(sigma):
    found = result(edited(("sigmoid(w", sigma), ("a * (1 - a)", SLOPES[sigma]), source=FILES["a class"]))
    assert not_passed(found) == {"feedforward": "failed", "trajectory": "failed"}
    assert len(found.mistakes) == 1


@catches("it does not follow", "grade.judging.given._follows", lambda _: False)
def test_a_right_slope_of_a_wrong_sigmoid_passes_where_neither_is_used():
    own = [("sigmoid(activations", "(lambda z: 1 / (1 + np.exp(-z)))(activations"), WRONG["sigmoid"]]
    assert not_passed(result(edited(*own) + PRIME)) == {"sigmoid": "failed"}


@catches("zeros will do", "grade.judging.holding.idle", lambda *_: False)
def test_a_wrong_sigmoid_acquits_no_gradient_of_zeros():
    zeros = ("deltas = [factor *", "deltas = [0 *")
    assert {"BP1", "BP2", "BP3", "BP4"} <= not_passed(result(edited(*OF_Z, zeros, WRONG["sigmoid_prime"]))).keys()


@pytest.mark.parametrize("gradient", ["0 * ", "np.random.normal(size=(1, 1)) * "])
def test_a_class_whose_backprop_gives_any_numbers_keeps_its_feedforward(gradient):
    source = edited(("delta @ a.T for", f"{gradient}delta @ a.T for"), source=FILES["a class"])
    source = source.replace("return nabla_b, ", f"return [{gradient}n for n in nabla_b], ")
    assert not {"sigmoid", "sigmoid_prime", "feedforward"} & not_passed(result(source)).keys()


def test_functions_that_take_columns_only_are_asked_about_columns():
    by_element = "return np.array([[1 / (1 + np.exp(-z[i, 0]))] for i in range(len(z))])"
    assert not_passed(result(edited(("return 1 / (1 + np.exp(-z))", by_element), source=FILES["a class"]))) == {}


ANOTHER = {
    "BP1": ("(a[-1] - y)", "(a[-1] - 2 * y)"),
    "BP2": ("deltas[0] @ w *", "deltas[0] @ w**2 *"),
    "BP3": ("d.sum(axis=0)", "abs(d).sum(axis=0)"),
    "BP4": ("d.T @ a_l", "abs(d).T @ a_l"),
}
WRONG = {
    "sigmoid": ("return 1 / (1 + np.exp(-z))", "return np.tanh(z)"),
    "sigmoid_prime": ("return sigmoid(z) * (1 - sigmoid(z))", "return 0.25 + 0.01 * z"),
}
WITHOUT_DELTA = [("for d in deltas], deltas", "for d in deltas]"), ("nabla_b, _ =", "nabla_b =")]


SECOND = [  # each equation beside either function, with δ beside one of them
    (equation, name, ([], WITHOUT_DELTA)[(k // 2 + j) % 2])
    for k, equation in enumerate(ANOTHER)
    for j, name in enumerate(WRONG)
]


@pytest.mark.parametrize(("equation", "name", "shown"), SECOND)
@catches(
    "its own σ′ is not tried",
    "grade.judging.given.own",
    lambda *_: {},
    equation="BP4",
    name="sigmoid_prime",
    shown=[],
)
@catches(
    "no more fails",
    "grade.judging.judgement.given",
    holding,
    equation="BP3",
    name="sigmoid",
    shown=WITHOUT_DELTA,
)
def test_a_second_mistake_costs_its_own_equation(equation, name, shown):
    found = result(edited(*OF_Z, ANOTHER[equation], WRONG[name], *shown))
    assert not_passed(found) == {name: "failed", equation: "failed", "trajectory": "failed"}


@catches("the first case will do", "grade.judging.given._telling", lambda known, _: known[0])
def test_a_case_is_taken_in_which_its_own_sigma_prime_shows():
    steps = edited(*OF_Z, (WRONG["sigmoid_prime"][0], "return 1.0 * (z > 0)"))
    found = result(steps, student="d")  # whose first case has no z above 0 in the output layer
    assert not_passed(found) == {"sigmoid_prime": "failed", "trajectory": "failed"}


@pytest.mark.parametrize("number", ["1.0", "1.37"])
@catches("any will do", "grade.judging.holding._tells_of", lambda *_: True, number="1.0")
def test_a_sigma_prime_of_one_number_does_not_show_that_it_is_used(number):
    unused = [("sigmoid_prime(zs[-1])", number), ("* sigmoid_prime(z)", f"* {number}")]
    found = result(edited(*OF_Z, *unused, (WRONG["sigmoid_prime"][0], f"return {number} + 0 * z")))
    assert {"sigmoid_prime", "BP1", "BP2"} <= not_passed(found).keys()


@catches("it is taken for that of a", "grade.judging.judgement.given", holding)
def test_a_sigma_prime_of_a_that_is_given_z_costs_itself():
    of_a = edited(*OF_Z, (WRONG["sigmoid_prime"][0], "return z * (1 - z)"))
    assert not_passed(result(of_a)) == {"sigmoid_prime": "failed", "trajectory": "failed"}


OVERFLOWS = {
    "brackets left out": ("return 1 / (1 + np.exp(-z))", "return 1/1 + np.exp(-z)"),
    "of e to the z": ("return 1 / (1 + np.exp(-z))", "return np.exp(z) / (1 - np.exp(z))"),
    "softplus": ("return 1 / (1 + np.exp(-z))", "return np.log(1 + np.exp(z))"),
    "no square": ("return sigmoid(z) * (1 - sigmoid(z))", "return np.exp(-z) / (1 + np.exp(-z))"),
}


@pytest.mark.parametrize("which", OVERFLOWS)
@catches("a fault costs all the same", "grade.judging.points.comes_of_elsewhere", lambda *_: "", which="no square")
@catches("it is not asked gently", "grade.judging.given._gently", lambda *_: [], which="brackets left out")
def test_what_overflows_is_credited_as_any_other_function(which):
    found = result(edited(*OF_Z, OVERFLOWS[which]), layers=3)
    assert not_passed(found) == {
        "sigmoid_prime" if which == "no square" else "sigmoid": "failed",
        "trajectory": "failed",
    }


def test_numpy_warns_nobody_of_what_a_submission_makes(recwarn):
    result(edited(*OF_Z, OVERFLOWS["brackets left out"]))
    assert not recwarn.list


COPIES = "w = [v.copy() for v in weights]; b = "
NUMBERS = {
    "random": "np.random.seed(0); w = [np.random.normal(size=v.shape) for v in weights]; b = [v[:, 0] for v in w]",
    "its arguments": COPIES + "[0 * v for v in biases]",
    "δ made of ∇b": COPIES + "[v.copy() for v in biases]; d = [np.tile(v, (len(x), 1)) for v in b]",
}


@pytest.mark.parametrize("which", NUMBERS)
@catches("whatever is called δ", "check.evidence._of_any_delta", lambda *_: False, which="random")
@catches("BP2 of zeros", "check.evidence._of_any_delta", lambda *_: False, which="its arguments")
@catches("BP3 of any δ", "check.evidence._of_any_delta", lambda *_: False, which="δ made of ∇b")
def test_numbers_that_are_no_gradient_earn_no_equation(which):
    backprop = f"def backprop(weights, biases, x, y):\n    d = None; {NUMBERS[which]}\n"
    backprop += "    return (w, b, d) if d else (w, b)\n"
    source = RIGHT[: RIGHT.index("def backprop")] + backprop
    assert {"BP1", "BP2", "BP3", "BP4"} <= not_passed(result(source)).keys()


def test_zeros_for_the_bias_alone_cost_bp3_alone():
    source = edited(("[d.sum(axis=0) /", "[0 * d.sum(axis=0) /"), ("for d in deltas], deltas", "for d in deltas]"))
    source = source.replace("nabla_b, _ =", "nabla_b =")
    assert not_passed(result(source)) == {"BP3": "failed", "trajectory": "failed"}


@catches("nearly named", "grade.judging.named.CLOSE", 1e-6)
def test_what_nearly_fits_a_mistake_in_z_that_has_a_name_is_not_acquitted():
    wrong = [
        (Z["a class"], "w @ activations[-1] - b"),
        ("w @ a + b", "w @ a - b"),
        ("w.T @ nabla", "(1 + 1e-10) * w.T @ nabla"),
    ]
    assert {"feedforward", "BP2"} <= not_passed(result(edited(*wrong, source=FILES["a class"]))).keys()
