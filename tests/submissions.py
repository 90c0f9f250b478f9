"""Files that somebody may hand in: a right one in any form, Nielsen's class, and what else a test writes down."""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from compare.diagnosis.case import Case
from compare.submission.loading import NAMES, Loaded
from compare.submission.remote import Submission

RIGHT = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))

def feedforward(weights, biases, x):
    activations = [x]
    for w, b in zip(weights, biases):
        activations.append(sigmoid(activations[-1] @ w.T + b))
    return activations

def backprop(weights, biases, x, y, factor=1, over=None):
    a = feedforward(weights, biases, x)
    deltas = [factor * (a[-1] - y) * a[-1] * (1 - a[-1])]
    for w, a_l in zip(weights[:0:-1], a[-2:0:-1]):
        deltas.insert(0, deltas[0] @ w * a_l * (1 - a_l))
    nabla_w = [d.T @ a_l / (over or len(x)) for d, a_l in zip(deltas, a)]
    return nabla_w, [d.sum(axis=0) / (over or len(x)) for d in deltas], deltas

def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b, _ = backprop(weights, biases, x, y)
    return ([w - eta * nw for w, nw in zip(weights, nabla_w)], [b - eta * nb for b, nb in zip(biases, nabla_b)])
"""
ANY_FORM = """
import json
from pathlib import Path
import right

SPLIT = {
    "flat": lambda w, b: (w, b), "column": lambda w, b: (w, b[:, 0]), "row": lambda w, b: (w, b[0]),
    "first row": lambda w, b: (w[1:], w[0]), "last row": lambda w, b: (w[:-1], w[-1]),
    "first column": lambda w, b: (w[:, 1:], w[:, 0]), "last column": lambda w, b: (w[:, :-1], w[:, -1]),
    "none": lambda w, b: (w, 0),
}
JOIN = {
    "flat": lambda w, b: (w, b), "column": lambda w, b: (w, b[:, np.newaxis]), "row": lambda w, b: (w, b[np.newaxis]),
    "first row": lambda w, b: (np.vstack([b, w]), None), "last row": lambda w, b: (np.vstack([w, b]), None),
    "first column": lambda w, b: (np.column_stack([b, w]), None),
    "last column": lambda w, b: (np.column_stack([w, b]), None), "none": lambda w, b: (w, None),
}
np = right.np

def form():
    return json.loads(Path(__file__).with_name("form.json").read_text())

def taken(f, weights, biases):
    pairs = [SPLIT[f["biases"]](w, b) for w, b in zip(weights, biases or [None] * len(weights))]
    return [w.T if f["weights"] == "in_out" else w for w, _ in pairs], [b for _, b in pairs]

def given(f, weights, biases):
    pairs = [JOIN[f["biases"]](w.T if f["weights"] == "in_out" else w, b) for w, b in zip(weights, biases)]
    return [w for w, _ in pairs], [b for _, b in pairs if b is not None]

def rows(f, x):
    assert x.ndim == (1 if f["batch"] != "together" and f["examples"] == "rows" else 2)
    return x[None] if x.ndim == 1 else x.T if f["examples"] == "columns" else x

def whole(f, x):  # a mini-batch, as an update gets it
    if f["batch"] != "one but update":
        return rows(f, x)
    assert type(x) is (np.ndarray if f["examples"] == "rows" else list)
    return x if f["examples"] == "rows" else np.hstack(x).T

def back(f, layers):
    one = f["batch"] != "together" and f["examples"] == "rows"
    return [a[0] if one else a.T if f["examples"] == "columns" else a for a in layers]

def feedforward(weights, biases, x):
    f = form()
    return [a.copy() for a in back(f, right.feedforward(*taken(f, weights, biases), rows(f, x)))]

def gradients(f, weights, biases, x, y):
    factor, over = 2 if f["cost"] == "full" else 1, 1 if f["reduction"] == "sum" else None
    return right.backprop(*taken(f, weights, biases), x, y, factor, over)

def backprop(weights, biases, x, y):
    f = form()
    sign = -1 if f["sign"] == "minus" else 1
    nabla_w, nabla_b, deltas = ([sign * g for g in gs] for gs in gradients(f, weights, biases, rows(f, x), rows(f, y)))
    nabla_w, nabla_b = given(f, nabla_w, nabla_b)
    return (nabla_w, nabla_b, back(f, deltas)) if f["gradients"] == "w, b" else (nabla_b, nabla_w, back(f, deltas))

def update_mini_batch(weights, biases, x, y, eta):
    f = form()
    nablas = gradients(f, weights, biases, whole(f, x), whole(f, y))
    pairs = [zip(taken(f, weights, biases)[i], nablas[i]) for i in (0, 1)]
    return given(f, *([p - eta * g for p, g in pair] for pair in pairs))
"""
NIELSEN = """
import random
import numpy as np

class Network:
    def __init__(self, sizes):
        self.sizes = sizes
        self.biases = [np.random.randn(n, 1) for n in sizes[1:]]
        self.weights = [np.random.randn(n_out, n_in) for n_in, n_out in zip(sizes, sizes[1:])]

    def feedforward(self, a):
        for w, b in zip(self.weights, self.biases):
            a = sigmoid(w @ a + b)
        return a

    def update_mini_batch(self, mini_batch, eta):
        gradients = [self.backprop(x, y) for x, y in mini_batch]
        step = eta / len(mini_batch)
        self.biases = [b - step * sum(g[0][l] for g in gradients) for l, b in enumerate(self.biases)]
        self.weights = [w - step * sum(g[1][l] for g in gradients) for l, w in enumerate(self.weights)]

    def backprop(self, x, y):
        activations = [x]
        for w, b in zip(self.weights, self.biases):
            activations.append(sigmoid(w @ activations[-1] + b))
        a = activations[-1]
        nabla_b = [(a - y) * a * (1 - a)]
        for w, a in zip(self.weights[:0:-1], activations[-2:0:-1]):
            nabla_b.insert(0, w.T @ nabla_b[0] * a * (1 - a))
        return nabla_b, [delta @ a.T for delta, a in zip(nabla_b, activations)]

def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))
"""


def a_case(sizes=(5, 4, 3), m=7, dtype=np.float64, **kwargs):
    """A case whose layers all have different widths, so that no transpose is mistaken for what it is of."""
    rng = np.random.default_rng(0)
    pairs = list(zip(sizes[1:], sizes, strict=False))
    weights = [rng.standard_normal(shape).astype(dtype) for shape in pairs]
    biases = [rng.standard_normal(n_out).astype(dtype) for n_out, _ in pairs]
    x, y = rng.random((m, sizes[0])).astype(dtype), np.eye(sizes[-1], dtype=dtype)[rng.integers(0, sizes[-1], m)]
    return Case(weights, biases, x, y, eta=0.5, **kwargs)


def written(source, folder, name="student.py"):
    """The path of a file with that text."""
    path = Path(folder) / name
    path.write_text(source, encoding="utf-8")
    return path


def loaded(source, partly=False):
    """The file as a worker loads it, in this process, in which faults can be planted."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return Loaded([str(written(source, folder))], partly=partly)
        finally:
            sys.path.remove(folder)
            del sys.modules[NAMES[0]]


def line_of(source, mark):
    """The number of the line in which the mark stands."""
    return source[: source.index(mark)].count("\n") + 1


@contextmanager
def started(source, **kwargs):
    """A submission of that text, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, Submission.start(written(source, folder), **kwargs) as submission:
        yield submission


@contextmanager
def any_form():
    """A submission that takes the form which is told to the function that comes with it."""
    with tempfile.TemporaryDirectory() as folder:
        written(RIGHT, folder, "right.py")
        path = written(ANY_FORM, folder)
        with Submission.start(path) as submission:

            def take(conventions):
                written(json.dumps(vars(conventions)), folder, "form.json")
                return submission.with_conventions(conventions)

            yield take
