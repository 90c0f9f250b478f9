"""What an implementation does wrong, whatever its numbers are, is a fault with its sentence and its line."""

from __future__ import annotations

import functools
import re
import tempfile

import numpy as np
import pytest
from planted import faults
from submissions import RIGHT, a_case, line_of, started, written

from compare.key import find
from compare.submission.remote import Submission

pytestmark = pytest.mark.usefixtures("warm_workers")
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
    "recursion": ("backprop", "    def f(n): return f(n)  # here\n    f(1)\n", "raised", ["RecursionError"]),
    "no memory": ("backprop", "    return np.ones(1 << 55)  # here\n", "raised", ["MemoryError"]),
    "too much": ("backprop", "    return np.broadcast_to(1.0, (1 << 40,)), 1\n", "size", ["more than", "bytes"]),
    "none": ("backprop", GRADIENTS, "none", ["returned None; expected nabla_w, nabla_b", "return statement"]),
    "no update": ("update_mini_batch", "    pass\n", "none", ["update_mini_batch returned None; expected weights"]),
    "one none": ("backprop", GRADIENTS + "    return [w_[0], None], b_\n", "none", ["None for nabla_w[1]"]),
    "one result": ("backprop", GRADIENTS + "    return w_[0]\n", "arity", ["one result, an array of shape (4, 5)"]),
    "four": ("backprop", GRADIENTS + "    return w_, b_, d_, 1\n", "arity", ["4 results; expected nabla_w, nabla_b"]),
    "ragged": ("backprop", GRADIENTS + "    return [[[1.0], [2.0, 3.0]], w_[1]], b_\n", "ragged", ["nabla_w[0]"]),
    "objects": ("backprop", GRADIENTS + "    return [np.array(None), w_[1]], b_\n", "object", ["dtype object"]),
    "a string": ("backprop", "    return 'nabla_w'\n", "type", ["of type str"]),
    "a dict": ("backprop", GRADIENTS + "    return {'dW1': w_[0]}\n", "type", ["of type dict"]),
    "a generator": ("feedforward", "    return (a for a in [x])\n", "type", ["of type generator"]),
    "a masked array": ("backprop", GRADIENTS + "    return [np.ma.array(w) for w in w_], b_\n", "type", ["numpy.ma"]),
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
        ["nabla_w[0] (layer 1) of shape (5, 4), its transpose; expected (4, 5)"],
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
        ["nabla_b[0] (layer 1) in float32"],
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
        ["nabla_w[1] (layer 2) is a view of weights[1]: a later change"],
    ),
    "a view of another": (
        "update_mini_batch",
        "    return weights, [biases[0], weights[1][:, 0]]\n",
        "views",
        ["biases[1] (layer 2) is a view of weights[1]"],
    ),
    "a hang": ("backprop", "    while True: pass  # here\n", "endless", ["had not returned after 1 s", "--seconds"]),
    "a hang in C": ("backprop", "    import time; time.sleep(60)  # here\n", "endless", ["not returned after 1 s"]),
    "its death": ("backprop", "    import os; os._exit(7)\n", "died", ["no answer", "exit code 7"]),
    "a crash": ("backprop", "    import ctypes; ctypes.string_at(0)  # here\n", "died", ["signal 11 (SIGSEGV)"]),
}


def bad(name):
    """The source with that bad function."""
    function, body, *_ = BAD[name]
    return hidden(function) + HEADS[function] + body


def hidden(*functions):
    """The right source with those functions under other names, for the bad ones to call."""
    source = RIGHT
    for function, name in {"backprop": "right", "feedforward": "right_forward", "update_mini_batch": "step"}.items():
        source = source.replace(f" {function}(", f" {name}(") if function in functions else source
    return source


@functools.cache
def all_bad():
    """One submission with all the bad functions; sigmoid_prime(number) chooses the one that the functions then are."""
    source = (
        hidden(*HEADS)
        + "\nCHOSEN = {}\ndef sigmoid_prime(z):\n    CHOSEN[0] = globals()[f'bad_{int(z[0])}']\n    return 1 * z\n"
    )
    for i, (function, body, *_) in enumerate(BAD.values()):
        source += HEADS[function].replace(f" {function}(", f" bad_{i}(") + body.replace("# here", f"# here {i};")
    for function in HEADS:
        source += f"\ndef {function}(*arguments):  # def {function}\n    return CHOSEN[0](*arguments)\n"
    folder = tempfile.TemporaryDirectory()
    return Submission.start(written(source, folder.name), seconds=1), source, folder


@pytest.fixture(scope="module", autouse=True)
def _closed():
    yield
    if all_bad.cache_info().currsize:
        submission, _, folder = all_bad()
        submission.close()
        folder.cleanup()


@catches("shapes not looked at", "answers.Answer._has", lambda *_: True, name="transposed")
@catches("edits not told", "asking._tell_edits", lambda *_: None, name="edits w")
@catches("views not told", "reading.Reading._tell_views", lambda *_, **__: None, name="a view")
@catches("no place", "process.FRAME", re.compile("(nothing)(else)"), name="a crash")
@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_an_answer_is_told_with_its_line(name):
    function, _, kind, phrases = BAD[name]
    submission, source, _ = all_bad()
    submission.call("sigmoid_prime", np.array([float(list(BAD).index(name))]))
    observed = submission.observe(a_case(), functions=[function])
    assert {fault.kind for fault in observed.faults} == {kind}, observed.faults
    fault = observed.faults[0]
    assert fault.function == function
    assert all(phrase in fault.sentence for phrase in phrases), fault.sentence
    assert fault.file.endswith("student.py")
    here = f"# here {list(BAD).index(name)};"
    assert fault.line == line_of(source, here if here in source else f"# def {function}\n")


def test_a_backprop_that_edits_and_returns_nothing_has_given_nothing():
    with started(RIGHT + HEADS["backprop"] + "    weights[0] -= 1\n") as submission:
        observed = submission.observe(a_case(), functions=["backprop"])
    assert [fault.kind for fault in observed.faults] == ["modified", "none"]
    assert observed.shown() == []


def test_an_update_that_edits_nothing_but_x_has_given_nothing():
    with started(RIGHT + HEADS["update_mini_batch"] + "    x -= 1\n") as submission:
        observed = submission.observe(a_case(), functions=["update_mini_batch"])
    assert [fault.kind for fault in observed.faults] == ["modified", "none"]
    assert observed.shown() == []


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


def test_after_a_hang_the_other_functions_are_asked_in_a_new_process():
    with started(bad("a hang"), seconds=0.5) as submission:
        first = submission._host.worker.process.pid
        observed = submission.observe(a_case())
        assert [(fault.kind, fault.function) for fault in observed.faults] == [("endless", "backprop")]
        assert {key.name for key in observed.shown()} == {"activations", "weights", "biases"}
        assert submission._host.worker.process.pid != first


@pytest.mark.parametrize(
    ("body", "kind"),
    [("return z", "views"), ("z += 1\n    return 1 / z", "modified"), ("return z.sum()", "shape"), ("return", "none")],
)
def test_what_is_wrong_with_a_sigmoid_is_told(body, kind):
    with started(source := f"def sigmoid(z):\n    {body}\n") as submission:
        _, told = submission.call("sigmoid", np.ones((2, 3)))
    assert [(fault.kind, fault.function, fault.line) for fault in told] == [(kind, "sigmoid", 1)], source
