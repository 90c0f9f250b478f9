"""The emitted file fails on the submission that it was written for and passes on a right one, with NumPy alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from planted import faults

from compare.diagnosis.case import Case, Fault
from compare.diagnosis.derivation import Derivation
from compare.diagnosis.emit import Form, pytest_file
from compare.diagnosis.expected import Right
from compare.diagnosis.probes import probes
from compare.submission.conventions import NIELSEN, Conventions

catches, test_a_planted_fault_is_caught = faults("compare")
OWN = ("importlib", "os", "pathlib", "sys")
ALL = ("feedforward", "backprop", "update_mini_batch")
CONFIG = Path(__file__).parents[1] / "pyproject.toml"

SMALL = Case([np.zeros((1, 1)), np.ones((1, 1))], [np.zeros(1)] * 2, np.ones((1, 1)), np.zeros((1, 1)), eta=1.0)
ROWS = """
import numpy as np

def feedforward(weights, biases, x):
    activations = [x]
    for w, b in zip(weights, biases):
        activations.append(1 / (1 + np.exp(-(activations[-1] @ w.T + b))))
    return activations

def backprop(weights, biases, x, y):
    a = feedforward(weights, biases, x)
    delta, nabla_w, nabla_b = (a[-1] - y) * a[-1] * (1 - a[-1]), [], []
    for l in range(len(weights) - 1, -1, -1):
        nabla_w.insert(0, delta.T @ a[l] / len(x))
        nabla_b.insert(0, delta.mean(axis=0))
        delta = (delta @ weights[l]) * a[l] * (1 - a[l])
    return nabla_w, nabla_b

def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b = backprop(weights, biases, x, y)
    return [w - eta * n for w, n in zip(weights, nabla_w)], [b - eta * n for b, n in zip(biases, nabla_b)]
"""
# The same, asked in another form: the arrays are turned, and turned back.
AS_ROWS = re.sub("(def|=) (feed|back|update)", r"\1 rows_\2", ROWS)
COLUMNS = f"""{AS_ROWS}
def backprop(weights, biases, x, y):
    nabla_w, nabla_b = rows_backprop(weights, [b[:, 0] for b in biases], x.T, y.T)
    return [-n[:, None] for n in nabla_b], [-n for n in nabla_w]

def feedforward(weights, biases, x):
    return [a.T for a in rows_feedforward(weights, [b[:, 0] for b in biases], x.T)]
"""
NETWORK = f"""{COLUMNS}
class Network:
    def __init__(self, sizes):
        self.weights, self.biases = [np.zeros(s) for s in zip(sizes[1:], sizes)], [np.zeros((n, 1)) for n in sizes[1:]]

    def feedforward(self, a):
        return feedforward(self.weights, self.biases, a)[-1]

    def backprop(self, x, y):
        nabla_b, nabla_w = backprop(self.weights, self.biases, x, y)
        return [-n for n in nabla_b], [-n for n in nabla_w]

    def update_mini_batch(self, mini_batch, eta):
        x, y = (np.hstack(part) for part in zip(*mini_batch))
        nabla_b, nabla_w = backprop(self.weights, self.biases, x, y)
        self.weights = [w + eta * n for w, n in zip(self.weights, nabla_w)]
        self.biases = [b + eta * n for b, n in zip(self.biases, nabla_b)]
"""
FOLDED = f"""{AS_ROWS}
def backprop(weights, biases, x, y):
    nabla_w, nabla_b = rows_backprop([w[1:].T for w in weights], [w[0] for w in weights], x[None], y[None])
    return [np.vstack([b, w.T]) for w, b in zip(nabla_w, nabla_b)]
"""
ONE_BUT_UPDATE = f"""{AS_ROWS}
def backprop(weights, biases, x, y):
    return rows_backprop(weights, biases, x[None], y[None])

def update_mini_batch(weights, biases, xs, ys, eta):
    assert xs.shape == (len(xs), len(xs[0]))
    nablas = [backprop(weights, biases, x, y) for x, y in zip(xs, ys)]
    means = ([sum(n) / len(xs) for n in zip(*gradients)] for gradients in zip(*nablas))
    return tuple([p - eta * n for p, n in zip(*pair)] for pair in zip((weights, biases), means))
"""
IN_PLACE = """    weights[:] = [w - eta * n for w, n in zip(weights, nabla_w)]
    biases[:] = [b - eta * n for b, n in zip(biases, nabla_b)]
"""
UPDATE_IN_PLACE = re.sub(r"    return \[w - eta.*\n", IN_PLACE, AS_ROWS.replace("rows_update", "update"))
BP2_WRONG = ("delta = (delta @ weights[l]) * a[l] * (1 - a[l])", "delta = delta @ weights[l]")

TURNED = Conventions("columns", biases="column", gradients="b, w", sign="minus")
ONE_BY_ONE = Conventions(weights="in_out", biases="first row", batch="one")
STYLES = {
    "rows": (ROWS, Form(ALL, Conventions()), {"nabla_w", "nabla_b", "update_mini_batch"}),
    "columns": (COLUMNS, Form(ALL[:2], TURNED), {"nabla_w", "nabla_b"}),
    "class Network": (NETWORK, Form(ALL, NIELSEN, network="Network"), {"nabla_w", "nabla_b", "update_mini_batch"}),
    "biases in the weights": (FOLDED, Form(("backprop",), ONE_BY_ONE), {"nabla_w"}),
    "one example, but the update": (
        ONE_BUT_UPDATE,
        Form(ALL[1:], Conventions(batch="one but update")),
        {"nabla_w", "nabla_b", "update_mini_batch"},
    ),
    "update in place, and nothing else": (UPDATE_IN_PLACE, Form(ALL[2:], Conventions()), {"update_mini_batch"}),
}
PYTEST = [sys.executable, "-B", "-m", "pytest", "-q", "-rf", "-p", "no:cacheprovider", "-c", os.devnull]
values = Right._values


def shown(*kinds, deltas=False):
    observed = Derivation().observe(SMALL)
    observed.faults += [Fault(kind, "backprop", "") for kind in kinds]
    observed.trace.deltas = observed.trace.deltas if deltas else []
    return observed


def failed(emitted, *submissions, **environment):
    """For each submission the names of the tests of the emitted file that fail; all run in one process."""
    with TemporaryDirectory() as folder:
        for i, submission in enumerate(submissions):
            Path(folder, f"test_{i}.py").write_text(emitted.replace("net.py", f"net_{i}.py"), encoding="utf-8")
            Path(folder, f"net_{i}.py").write_text(submission, encoding="utf-8")
        settings = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | environment
        run = subprocess.run(PYTEST, cwd=folder, env=settings, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stdout
    found = re.findall(r"^FAILED test_(\d).py::test_(\w+)", run.stdout, re.MULTILINE)
    return [{name for j, name in found if int(j) == i} for i in range(len(submissions))]


def allows_anything(right, key):
    return values(right, key)[0], np.inf


@catches("a bound that is none", "diagnosis.expected.Right._values", allows_anything, style="rows")
@catches("numbers cut short", "diagnosis.literals._number", lambda value: f"{value:.6g}", style="rows")
@catches("its sign forgotten", "diagnosis.expected.Right._signed", lambda right, form: form, style="columns")
@pytest.mark.parametrize("style", STYLES)
def test_it_fails_on_the_wrong_submission_and_passes_on_the_right_one(style):
    right, form, tests = STYLES[style]
    emitted = pytest_file(SMALL, shown(), "net.py", form)
    assert failed(emitted, right, right.replace(*BP2_WRONG)) == [set(), tests]


@pytest.mark.parametrize("style", ["class Network", "biases in the weights", "one example, but the update"])
def test_where_a_call_takes_one_example_each_of_several_is_tested(style):
    right, form, tests = STYLES[style]
    emitted = pytest_file(probes(0).later, shown(), "net.py", form)
    assert failed(emitted, right, right.replace(*BP2_WRONG)) == [set(), tests]


def test_the_file_that_the_environment_names_is_tested_in_place_of_the_one_it_was_written_for(tmp_path):
    (tmp_path / "other.py").write_text(ROWS, encoding="utf-8")
    emitted = pytest_file(SMALL, shown(), "net.py", STYLES["rows"][1])
    assert failed(emitted, "raise SystemExit", SUBMISSION=str(tmp_path / "other.py")) == [set()]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_case_of_any_size_and_dtype_passes_on_a_right_one_with_its_deltas(dtype):
    case = replace(probes(3, dtype=dtype).batch, factor=2.0, summed=True)
    source = ROWS.replace("(a[-1] - y)", "2 * (a[-1] - y)").replace(" / len(x)", "").replace("mean(", "sum(")
    source = source.replace("nabla_b = 2", "nabla_b, deltas = 2").replace("[], []", "[], [], []")
    source = source.replace("        delta = (", "        deltas.insert(0, delta)\n        delta = (")
    source = re.sub("(return nabla_w, nabla_b)", r"\1, deltas", source).replace("nabla_b = back", "nabla_b, _ = back")
    emitted = pytest_file(case, shown(deltas=True), "net.py", Form(ALL, Conventions()))
    assert "def test_deltas" in emitted
    assert failed(emitted, source) == [set()]


def test_what_is_left_behind_by_an_earlier_case_is_seen_after_that_case_only():
    source = ROWS + "\nasked = []\nright = backprop\ndef backprop(weights, biases, x, y):\n    asked.append(x)\n"
    source += (
        "    nabla_w, nabla_b = right(weights, biases, x, y)\n    return [n * len(asked) for n in nabla_w], nabla_b\n"
    )
    for case, faulty, expected in (
        (SMALL, (), set()),
        ([SMALL] * 2, (), {"nabla_w"}),
        (SMALL, ("state",), {"nabla_w"}),
    ):
        emitted = pytest_file(case, shown(*faulty), "net.py", Form(ALL[:2], Conventions()))
        assert failed(emitted, source) == [expected]


def test_an_edit_of_the_arguments_is_seen_where_it_was_the_fault():
    source = ROWS.replace("    return nabla_w", "    x *= 2\n    return nabla_w")
    emitted = pytest_file(SMALL, shown("modified"), "net.py", Form(ALL, Conventions()))
    assert failed(emitted, source) == [{"backprop_leaves_its_arguments_as_they_are"}]


def test_an_adapter_is_loaded_with_the_submission_importable_by_that_name(tmp_path):
    adapter = tmp_path / "adapter.py"
    adapter.write_text("import submission\n\nfeedforward, backprop = submission.predict, submission.gradients\n")
    source = ROWS.replace("feedforward", "predict").replace("backprop", "gradients")
    emitted = pytest_file(SMALL, shown(), "net.py", Form(ALL[:2], Conventions()), adapter=adapter)
    assert failed(emitted, source, source.replace(*BP2_WRONG)) == [set(), {"nabla_w", "nabla_b"}]


@pytest.mark.parametrize("style", STYLES)
def test_the_file_is_short_clean_and_imports_numpy_and_pythons_own_only(style):
    _, form, _ = STYLES[style]
    sentence = 'δ^L is ∂C/∂a; """it\\ has to be multiplied.'
    emitted = pytest_file(SMALL, shown("modified"), "my folder/net.py", form, sentence=sentence)
    assert set(re.findall(r"^\s*(?:import|from) (\w+)", emitted, re.MULTILINE)) <= {*OWN, "numpy"}
    assert "__import__" not in emitted
    assert emitted.startswith('"""Written by backproof: a small case that net.py gets wrong.')
    assert 'os.environ.get("SUBMISSION", "my folder/net.py")' in emitted
    assert str(Path.cwd()) not in emitted
    assert len(emitted.splitlines()) < 120
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--config", str(CONFIG), "--stdin-filename", "tests/it.py", "-"]
        run = subprocess.run(ruff, input=emitted, cwd=CONFIG.parent, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout
