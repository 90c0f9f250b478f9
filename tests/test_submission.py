"""A right implementation shows all of the derivation, however it gives it; what it does not give is no fault."""

from __future__ import annotations

import numpy as np
import pytest
from planted import faults
from submissions import NIELSEN, RIGHT, a_case, line_of, started, written

from compare.diagnosis.derivation import Derivation
from compare.key import find
from compare.submission.conventions import Conventions
from compare.submission.remote import Submission

catches, test_a_planted_fault_is_caught = faults("compare")
pytestmark = pytest.mark.usefixtures("warm_workers")
ALL = {"activations", "deltas", "nabla_w", "nabla_b", "weights", "biases"}


def names(observed):
    return {key.name for key in observed.shown()}


def is_right(observed, case, shown=ALL):
    """All of it is there, without a fault, and with the numbers of the derivation to rounding."""
    assert observed.faults == []
    assert names(observed) == shown
    expected, eps = Derivation().observe(case).trace, np.finfo(case.x.dtype).eps
    for key in observed.shown():
        np.testing.assert_allclose(find(observed.trace, key), find(expected, key), rtol=0, atol=64 * eps)


@pytest.fixture(scope="module")
def right():
    with started(RIGHT) as submission:
        yield submission


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("sizes", [(3, 1), (1, 2), (5, 4, 3), (4, 6, 2, 5)], ids=str)
@pytest.mark.parametrize("m", [1, 4])
def test_a_right_implementation_shows_all_of_the_derivation(right, sizes, m, dtype):
    case = a_case(sizes, m, dtype)
    is_right(right.observe(case), case)


def test_only_the_functions_that_are_asked_for_are_asked(right):
    assert names(right.observe(a_case(), functions=["feedforward"])) == {"activations"}
    assert names(right.observe(a_case(), functions={"update_mini_batch"})) == {"weights", "biases"}


def test_a_case_is_not_edited_and_what_is_observed_is_nobodys_memory(right):
    case = a_case()
    before = [array.copy() for array in (*case.weights, *case.biases, case.x, case.y)]
    right.observe(case).trace.nabla_w[0] += 1
    for array, copy in zip((*case.weights, *case.biases, case.x, case.y), before, strict=True):
        np.testing.assert_array_equal(array, copy)
    is_right(right.observe(case), case)


def test_sigmoid_and_its_derivative_are_asked_element_by_element(right):
    z = np.linspace(-3, 3, 6).reshape(2, 3)
    value, told = right.call("sigmoid", z)
    np.testing.assert_allclose(value, 1 / (1 + np.exp(-z)), rtol=1e-15)
    assert right.call("sigmoid_prime", z)[0].shape == (2, 3)
    assert told == []


@pytest.mark.parametrize("m", [1, 4])
def test_nielsens_class_is_asked_as_his_book_does(m):
    with started(NIELSEN) as submission:
        assert submission.offers == {"sigmoid", "feedforward", "backprop", "update_mini_batch"}
        observed = submission.observe(case := a_case(m=m))
        is_right(observed, case, ALL - {"deltas"})
        assert [a is None for a in observed.trace.activations] == [True, False]  # it gives the output only


EDIT = """
def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b, _ = backprop(weights, biases, x, y)
    for l in range(len(weights)):
        weights[l] -= eta * nabla_w[l]
        biases[l] = biases[l] - eta * nabla_b[l]
"""


@pytest.mark.parametrize("returns", ["", "    return weights, biases\n"], ids=["nothing", "what it was given"])
def test_an_update_may_edit_the_parameters_in_place_and_return(returns):
    with started(RIGHT + EDIT + returns) as submission:
        is_right(submission.observe(case := a_case()), case)


def test_code_that_only_updates_shows_the_parameters_after_a_step():
    source = RIGHT.replace("def feedforward", "def forward").replace("= feedforward", "= forward")
    with started(source.replace("def backprop", "def back").replace("= backprop", "= back")) as submission:
        assert submission.offers >= {"update_mini_batch"}
        is_right(submission.observe(case := a_case()), case, {"weights", "biases"})


def test_lists_of_numbers_are_arrays_and_a_number_is_one_of_one_element():
    lists = "    return [w.tolist() for w in nabla_w], [b.tolist() if len(b) > 1 else float(b[0]) for b in nabla_b]\n"
    source = (
        RIGHT.replace("def backprop", "def right")
        + "\ndef backprop(w, b, x, y):\n    nabla_w, nabla_b, _ = right(w, b, x, y)\n"
    )
    with started(source + lists + EDIT.replace("backprop", "right")) as submission:
        is_right(submission.observe(case := a_case((5, 4, 1))), case, ALL - {"deltas"})


OF_THE_CLASS = {
    "static": "    @staticmethod\n    def sigmoid(z):",
    "of a network": "    def sigmoid(self, z):",
}


@pytest.mark.parametrize("how", OF_THE_CLASS)
def test_sigmoid_may_be_a_method_of_the_class(how):
    source = NIELSEN.replace("def sigmoid(z):", "def s(z):").replace("sigmoid(w @", "s(w @")
    method = f"{OF_THE_CLASS[how]}\n        return s(z)\n\n    def feedforward"
    with started(source.replace("    def feedforward", method)) as submission:
        z = np.linspace(-3, 3, 5)
        values, faults_ = submission.call("sigmoid", z)
        assert submission._host.offers["sigmoid"][1] == line_of(
            source.replace("    def feedforward", method), "@staticmethod" if how == "static" else "def sigmoid"
        )
    assert faults_ == []
    np.testing.assert_allclose(values, 1 / (1 + np.exp(-z)), rtol=1e-15)


BY_NUMBER = "def sigmoid(z):\n    return 1 / (1 + math.exp(-z))\n"
BY_COLUMN = "def sigmoid(z):\n    return np.array([[1 / (1 + math.exp(-number))] for (number,) in z])\n"


@pytest.mark.parametrize("source", [BY_NUMBER, BY_COLUMN], ids=["numbers", "columns"])
@catches("arrays only", "submission.remote.Submission._otherwise", lambda *_: iter(()), source=BY_NUMBER)
@catches("an overflow is none", "submission.remote._tells", lambda answer: answer[0] is not None, source=BY_COLUMN)
def test_a_function_may_take_one_number_at_a_time_or_a_column(source):
    with started("import math\nimport numpy as np\n" + source) as submission:
        values, faults_ = submission.call("sigmoid", z := np.linspace(-3, 3, 5))
        nothing, overflowed = submission.call("sigmoid", np.append(z, -1e4))
    assert faults_ == []
    np.testing.assert_allclose(values, 1 / (1 + np.exp(-z)), rtol=1e-15)
    assert nothing is None
    assert [fault.overflow for fault in overflowed] == ["OverflowError"]


def test_a_function_that_takes_neither_raises_what_it_raised_of_an_array():
    with started("def sigmoid(z):\n    return z.shape[0] / nothing\n") as submission:
        values, (fault,) = submission.call("sigmoid", np.zeros(3))
    assert values is None
    assert "NameError" in fault.sentence


ONCE = """
import numpy as np
calls = []

def feedforward(weights, biases, x):
    calls.append(x)
    assert len(calls) == 1, "asked again"
    return [x, *(np.zeros(99) for b in biases)]
"""


@catches("the others are asked about", "submission.observing._of_no_use", lambda part: not part)
def test_where_nothing_of_the_first_example_is_of_use_no_other_is_asked_about():
    with started(ONCE) as submission:
        observed = submission.with_conventions(Conventions(batch="one")).observe(a_case(m=3))
    assert observed.trace.activations == []
    assert {fault.kind for fault in observed.faults} == {"shape"}


@catches("the numbers are lost", "submission.answers.Answer._has", lambda *_: False)
def test_numbers_of_another_precision_are_a_fault_and_can_be_judged():
    source = (
        RIGHT + "\nright = feedforward\n\ndef feedforward(*given):\n    return [np.float32(a) for a in right(*given)]\n"
    )
    with started(source) as submission:
        observed = submission.observe(a_case(), ["feedforward"])
    assert {fault.kind for fault in observed.faults} == {"dtype"}
    expected = Derivation().observe(a_case()).trace.activations
    for a, right_a in zip(observed.trace.activations, expected, strict=True):
        assert a.dtype == np.float64
        np.testing.assert_allclose(a, right_a, rtol=1e-6)


def test_what_is_not_written_yet_is_not_offered_and_no_fault():
    with started(RIGHT + "\ndef update_mini_batch(*_):\n    raise NotImplementedError('BP4')\n") as submission:
        is_right(submission.observe(case := a_case()), case, ALL - {"weights", "biases"})
        assert "update_mini_batch" not in submission.offers


@pytest.mark.parametrize("returned", ["nabla_w", "(nabla_w, [])", "(nabla_w, None)"])
def test_where_the_biases_are_in_the_matrices_nothing_need_stand_in_the_place_of_their_gradients(returned):
    source = """
def backprop(weights, biases, x, y):
    assert biases == []
    split = [w[:, :-1] for w in weights], [w[:, -1] for w in weights]
    nabla_w = [np.column_stack(pair) for pair in zip(*right(*split, x, y)[:2])]
    return """
    with started(RIGHT.replace("def backprop", "def right") + source + returned) as submission:
        folded = submission.with_conventions(Conventions(biases="last column"))
        is_right(folded.observe(case := a_case(), functions=["backprop"]), case, {"nabla_w", "nabla_b"})


def test_what_numpy_warns_of_is_kept(right):
    right.call("sigmoid", np.array([-1e4]))
    assert any("overflow encountered in exp" in text for text in right.warnings)


def test_a_function_that_is_not_offered_gives_nothing(right):
    assert right.call("sigmoid_second", np.zeros(2)) == (None, [])


NETWORKS = {
    "wants more": (
        "def __init__(self, sizes):",
        "def __init__(self, sizes, cost):",
        "Network([5, 4, 3]) raised TypeError",
    ),
    "raises": ("self.sizes = sizes", "self.sizes = sizes.nothing  # here", "raised AttributeError"),
    "no biases": ("self.biases = [np", "self.bias = [np", "has no .biases; expected a list"),
    "no list": ("self.biases = [np.random.randn(n, 1) for n in sizes[1:]]", "self.biases = 3", "is no list"),
    "another form": ("randn(n_out, n_in)", "randn(n_in, n_out)", "has the shapes [(5, 4), (4, 3)], expected [(4, 5)"),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_class_network_that_is_not_nielsens_is_told(name):
    right, wrong, phrase = NETWORKS[name]
    with started(source := NIELSEN.replace(right, wrong)) as submission:
        observed = submission.observe(a_case())
    assert observed.shown() == []
    assert {fault.kind for fault in observed.faults} == {"network"}
    assert len(observed.faults) == 3  # one for each function, not for each example
    assert phrase in observed.faults[0].sentence
    assert "# here" not in source or observed.faults[0].line == line_of(source, "# here")


EDITS = {
    "in place": "        self.weights[0] -= 1\n",
    "another list": "        self.weights = [w + 1 for w in self.weights]\n",
}


@pytest.mark.parametrize("name", EDITS)
def test_a_backprop_that_edits_its_network_is_told(name):
    with started(
        NIELSEN.replace("        activations = [x]\n", EDITS[name] + "        activations = [x]\n")
    ) as submission:
        told = submission.observe(a_case(), functions=["backprop"]).faults
    assert [fault.kind for fault in told] == ["modified"]
    assert "weights[0]" in told[0].sentence


def test_a_submission_that_is_closed_is_not_started_again():
    with started(RIGHT) as submission:
        pass
    with pytest.raises(ValueError, match="is closed"):
        submission.observe(a_case())


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan"), float("inf")])
def test_a_time_limit_that_is_none_is_refused(tmp_path, seconds):
    with pytest.raises(ValueError, match="seconds is"):
        Submission.start(written(RIGHT, tmp_path), seconds=seconds)
