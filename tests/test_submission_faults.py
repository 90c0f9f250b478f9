"""What an implementation does wrong, whatever its numbers are, is a fault with its sentence and its line."""

from __future__ import annotations

import re

import numpy as np
import pytest
from planted import faults
from submissions import NIELSEN, RIGHT, a_case, line_of, started

from compare.trace import find

catches, test_a_planted_fault_is_caught = faults("compare.submission")

GRADIENTS = "    w_, b_, d_ = right(weights, biases, x, y)\n"
FORWARD = "    a = right_forward(weights, biases, x)\n"
HEADS = {
    "backprop": "def backprop(weights, biases, x, y):  # def\n",
    "feedforward": "def feedforward(weights, biases, x):  # def\n",
    "update_mini_batch": "def update_mini_batch(weights, biases, x, y, eta):  # def\n",
}
RAISED = "    if len(x):\n        raise ValueError('shapes (4,3)')  # here\n"
BAD = {  # the function, its body; the fault's kind, and parts of its sentence
    "raised": ("backprop", RAISED, "raised", ["backprop raised ValueError: shapes (4,3)"]),
    "raised inside NumPy": ("backprop", "    return np.vstack([x, y])  # here\n", "raised", ["raised ValueError"]),
    "exit": ("feedforward", "    raise SystemExit(1)  # here\n", "raised", ["feedforward raised SystemExit: 1"]),
    "Ctrl-C": ("backprop", "    raise KeyboardInterrupt  # here\n", "raised", ["KeyboardInterrupt"]),
    "recursion": ("backprop", "    return backprop(weights, biases, x, y)  # here\n", "raised", ["RecursionError"]),
    "no memory": ("backprop", "    return np.ones(1 << 55)  # here\n", "raised", ["MemoryError"]),
    "too much": ("backprop", "    return np.broadcast_to(1.0, (1 << 40,)), 1\n", "size", ["more than", "bytes"]),
    "none": ("backprop", GRADIENTS, "none", ["returned None; expected nabla_w, nabla_b", "return statement"]),
    "no update": ("update_mini_batch", "    pass\n", "none", ["update_mini_batch returned None; expected weights"]),
    "one none": ("backprop", GRADIENTS + "    return [w_[0], None], b_\n", "none", ["None for nabla_w[1]"]),
    "one result": ("backprop", GRADIENTS + "    return w_[0]\n", "arity", ["one result, an array of shape (4, 5)"]),
    "four": ("backprop", GRADIENTS + "    return w_, b_, d_, 1\n", "arity", ["4 results; expected nabla_w, nabla_b"]),
    "ragged": ("backprop", GRADIENTS + "    return [[[1.0], [2.0, 3.0]], w_[1]], b_\n", "ragged", ["nabla_w[0]"]),
    "objects": ("backprop", GRADIENTS + "    return [w_[0].astype(object), w_[1]], b_\n", "object", ["dtype object"]),
    "a string": ("backprop", "    return 'nabla_w'\n", "type", ["of type str"]),
    "a dict": ("backprop", GRADIENTS + "    return {'dW1': w_[0]}\n", "type", ["of type dict"]),
    "a generator": ("feedforward", "    return (a for a in [x])\n", "type", ["of type generator"]),
    "a matrix": ("backprop", GRADIENTS + "    return [np.matrix(w) for w in w_], b_\n", "type", ["numpy.matrix"]),
    "a layer less": (
        "backprop",
        GRADIENTS + "    return w_[1:], b_\n",
        "layers",
        ["nabla_w with 1 layers; expected 2"],
    ),
    "no input": ("feedforward", FORWARD + "    return a[1:]\n", "layers", ["activations with 2 layers; expected 3"]),
    "transposed": (
        "backprop",
        GRADIENTS + "    return [w.T for w in w_], b_\n",
        "shape",
        ["nabla_w[0] of shape (5, 4), its transpose; expected (4, 5)"],
    ),
    "a column": (
        "backprop",
        GRADIENTS + "    return w_, [b[:, None] for b in b_]\n",
        "shape",
        ["(4, 1); expected (4,)"],
    ),
    "the output": ("feedforward", FORWARD + "    return a[-1].T\n", "shape", ["the output of shape (3, 7)"]),
    "integers": (
        "backprop",
        GRADIENTS + "    return [w.astype(int) for w in w_], b_\n",
        "dtype",
        ["in int64", "float64"],
    ),
    "float32": (
        "backprop",
        GRADIENTS + "    return w_, [np.float32(b) for b in b_]\n",
        "dtype",
        ["nabla_b[0] in float32"],
    ),
    "complex": ("backprop", GRADIENTS + "    return [w + 0j for w in w_], b_\n", "dtype", ["complex128"]),
    "edits x": ("feedforward", FORWARD + "    x += 1\n    return a\n", "modified", ["edited", "(x)", "copies"]),
    "edits w": (
        "backprop",
        GRADIENTS + "    weights[0] -= 1\n    biases.pop()\n    return w_, b_\n",
        "modified",
        ["(weights[0], biases)"],
    ),
    "a view": (
        "backprop",
        GRADIENTS + "    return [w_[0], weights[1]], b_\n",
        "views",
        ["nabla_w[1] is a view of weights[1]: a later change"],
    ),
    "a view of another": (
        "update_mini_batch",
        "    return weights, [biases[0], weights[1][:, 0]]\n",
        "views",
        ["biases[1] is a view of weights[1]"],
    ),
    "a hang": ("backprop", "    while True: pass  # here\n", "endless", ["had not returned after 0.5 s", "--seconds"]),
    "a hang in C": ("backprop", "    import time; time.sleep(60)  # here\n", "endless", ["not returned after 0.5 s"]),
    "its death": ("backprop", "    import os; os._exit(7)\n", "died", ["no answer", "exit code 7"]),
    "a crash": ("backprop", "    import ctypes; ctypes.string_at(0)  # here\n", "died", ["signal 11 (SIGSEGV)"]),
}


def bad(name):
    """The source with that bad function."""
    function, body, *_ = BAD[name]
    right = RIGHT.replace(f"def {function}(", f"def right{'_forward' if function == 'feedforward' else ''}(")
    return (
        right.replace(f" {function}(", " right_forward(" if function == "feedforward" else " right(")
        + HEADS[function]
        + body
    )


@catches("shapes not looked at", "answers.Answer._has", lambda *_: True, name="transposed")
@catches("edits not told", "asking._tell_edits", lambda *_: None, name="edits w")
@catches("views not told", "reading.Reading._tell_views", lambda *_, **__: None, name="a view")
@catches("too late", "process.GRACE", -0.3, name="a hang in C")
@catches("no place", "process.FRAME", re.compile("(nothing)(else)"), name="a crash")
@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_an_answer_is_told_with_its_line(name):
    function, _, kind, phrases = BAD[name]
    with started(source := bad(name), seconds=0.5) as submission:
        observed = submission.observe(a_case(), functions=[function])
        assert {fault.kind for fault in observed.faults} == {kind}, observed.faults
        fault = observed.faults[0]
        assert fault.function == function
        assert all(phrase in fault.sentence for phrase in phrases), fault.sentence
        assert fault.file.endswith("student.py")
        assert fault.line == line_of(source, "# here" if "# here" in source else "# def")


def shown_with_nan(observed):
    return [key.name for key in observed.shown() if not np.isfinite(find(observed.trace, key)).all()]


NAN = RIGHT.replace("def backprop", "def right") + HEADS["backprop"] + GRADIENTS + "    w_[1][2, 3] = np.nan\n"


@catches("not looked for", "answers.np.isfinite", np.ones_like)
def test_what_is_not_finite_is_told_with_its_index_and_stays():
    with started(NAN + "    b_[0][1] = -np.inf\n    return w_, b_\n") as submission:
        observed = submission.observe(a_case(), functions=["backprop"])
    assert [fault.kind for fault in observed.faults] == ["not finite"] * 2
    assert "NaN in nabla_w[1][2, 3]" in observed.faults[0].sentence
    assert "infinity in nabla_b[0][1]" in observed.faults[1].sentence
    assert shown_with_nan(observed) == ["nabla_w", "nabla_b"]


def test_what_is_not_finite_of_arguments_that_are_not_is_no_fault():
    case = a_case()
    case.weights[0][0, 0] = np.inf
    with started(NAN + "    return w_, b_\n") as submission:
        observed = submission.observe(case, functions=["backprop"])
    assert observed.faults == []
    assert "nabla_w" in shown_with_nan(observed)


SUM = "total = 0\n" + HEADS["backprop"] + "    global total\n" + GRADIENTS
STATES = {
    "a sum over calls": SUM + "    total = total + w_[0]\n    return [total, w_[1]], b_\n",
    "random numbers": HEADS["backprop"] + GRADIENTS + "    return w_, [b * np.random.rand() for b in b_]\n",
    "an error the second time": SUM + "    total += 1\n    return (w_, b_) if total == 1 else 1 / 0\n",
}


@catches("not looked at", "asking.same", lambda *_: True, name="random numbers")
@pytest.mark.parametrize("name", STATES)
def test_another_answer_to_the_same_question_is_told(name):
    with started(RIGHT.replace("def backprop", "def right") + STATES[name]) as submission:
        told = submission.observe(a_case(), functions=["backprop"], repeat=True).faults
    assert told[-1].kind == ("raised" if "error" in name else "state")
    assert "error" in name or "called twice with the same arguments" in told[0].sentence


def test_after_a_hang_the_other_functions_are_asked_in_a_new_process():
    with started(bad("a hang"), seconds=0.5) as submission:
        first = submission._host.worker.process.pid
        observed = submission.observe(a_case())
        assert [(fault.kind, fault.function) for fault in observed.faults] == [("endless", "backprop")]
        assert {key.name for key in observed.shown()} == {"activations"} | {"weights", "biases"} - {"weights", "biases"}
        assert submission._host.worker.process.pid != first


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


@pytest.mark.parametrize(
    ("body", "kind"),
    [("return z", "views"), ("z += 1\n    return 1 / z", "modified"), ("return z.sum()", "shape"), ("return", "none")],
)
def test_what_is_wrong_with_a_sigmoid_is_told(body, kind):
    with started(source := f"def sigmoid(z):\n    {body}\n") as submission:
        _, told = submission.call("sigmoid", np.ones((2, 3)))
    assert [(fault.kind, fault.function, fault.line) for fault in told] == [(kind, "sigmoid", 1)], source
