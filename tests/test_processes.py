"""∇C from several processes: that of the whole mini-batch, whatever its size; and a process that is lost is noticed."""

from __future__ import annotations

import functools
import json
import os
import signal
import time
from dataclasses import asdict

import numpy as np
import pytest
import torch
from command_line import in_process as backproof  # noqa: F401 - a fixture
from planted import faults

from torch_ref.autograd import gradients
from torch_ref.network import SigmoidMLP, quadratic_cost
from torch_ref.processes import Processes
from torch_ref.share import Share

pytestmark = pytest.mark.usefixtures("without_shapes")
catches, test_a_planted_fault_is_caught = faults("torch_ref")

SIZES, STEPS = (6, 5, 3), 4
EXPECTED_TO_END = 20  # seconds; nothing waits for the timeout of a minute


def steps(m):
    rng = np.random.default_rng(m)
    weights = [rng.standard_normal((STEPS, 5, 6)), rng.standard_normal((STEPS, 3, 5))]
    biases = [rng.standard_normal((STEPS, n)) for n in SIZES[1:]]
    return weights, biases, rng.random((STEPS, m, 6)), rng.random((STEPS, 3, m)).transpose(0, 2, 1)


def of_the_whole(weights, biases, x, y, scale):
    net, tensor = SigmoidMLP(SIZES, dtype=torch.float64), torch.from_numpy
    given = [tensor(w) for w in weights], [tensor(b) for b in biases], tensor(x), tensor(y)
    found = gradients(net, *given, 2.0, scale)
    return [array.numpy() for array in (*found.nabla_w, *found.nabla_b)]


def forgets_the_last(self, examples, dim):
    return examples.tensor_split(self.processes, dim=dim)[self.rank][:-1]


def of_its_part(a, y, factor, m=None):
    return quadratic_cost(a, y, factor) if len(a) else quadratic_cost(a, y, factor, m=m)


class Forked:
    """Another process, forked from one that has torch already; with all of a Popen that processes.py uses."""

    def __init__(self, server, folder, arguments):
        shape, share, store = arguments
        given = json.loads(json.dumps([asdict(shape), asdict(share), str(store)]))  # as a start would hand it over
        code = f"from torch_ref.processes import _serve; _serve(*{given!r})"
        self.started = server.start(folder, [], code)
        self.returncode, self.stdin = None, None

    def wait(self, timeout=None):
        if self.returncode is None:
            self.returncode, *_ = self.started.ends()

    def kill(self):
        os.kill(self.started.pid, signal.SIGKILL)


@functools.cache
def processes():
    """Started as anybody's are."""
    return Processes(SIZES, 2.0, "float64", 2)


@catches("an example is forgotten", "share.Share.of", forgets_the_last)
@catches("each divides by its own part", "processes.quadratic_cost", of_its_part)
def test_the_gradient_of_two_processes_is_that_of_the_whole_mini_batch():
    """Of 7 examples they have 4 and 3; of 1 the second has none."""
    for m in (7, 1):
        given = steps(m)
        nabla_w, nabla_b = processes().gradients(*given, scale=3.0)
        for actual, expected in zip([*nabla_w, *nabla_b], of_the_whole(*given, 3.0), strict=True):
            np.testing.assert_allclose(actual, expected, rtol=1e-13, atol=1e-15)


def test_they_end_when_they_are_told_to():
    (other,) = processes()._others
    processes().close()
    processes.cache_clear()
    assert other.returncode == 0


@pytest.fixture
def run(backproof, server, tmp_path, monkeypatch):
    """``backproof run`` of 5 steps, the last of them with one example, on two processes."""
    monkeypatch.setattr("torch_ref.processes._start", lambda *arguments: Forked(server, tmp_path, arguments))
    return functools.partial(backproof, "run", "--processes", "2", "--limit", "41", "--epochs", "1", "--hidden", "5")


def test_a_run_judges_the_gradient_of_two_processes_in_every_step(run):
    code, out, err = run("--dtype", "float32")
    assert (code, err) == (0, "")
    assert "torch on cpu, 2 processes" in out
    assert "match: in all 5 steps" in out


def test_a_gradient_that_is_not_that_of_the_whole_mini_batch_is_a_mismatch(run, monkeypatch):
    monkeypatch.setattr(Share, "of", forgets_the_last)
    code, out, _ = run()
    assert code == 1
    assert "mismatch: at step 0, equation BP" in out


def test_a_process_that_is_killed_ends_the_run_in_seconds_with_one_clear_line(run, monkeypatch, tmp_path):
    asked = Processes.gradients

    def killed(self, *arguments):
        self._others[0].kill()
        self._others[0].wait()
        return asked(self, *arguments)

    monkeypatch.setattr(Processes, "gradients", killed)
    began = time.monotonic()
    code, out, err = run()
    assert time.monotonic() - began < EXPECTED_TO_END
    assert (code, out) == (2, "")
    assert err.startswith("backproof: the 2 processes of this run cannot go on together: ")
    assert err.count("\n") == 1
    assert not list((tmp_path / "runs").iterdir())


@pytest.mark.parametrize("when", ["at work", "before they have met"])
def test_the_others_end_when_the_first_is_killed(server, tmp_path, when):
    first = server.start(tmp_path, [], FIRST if when == "at work" else BY_ITSELF)
    first.interrupt_when(lambda: first.out.exists() and first.out.read_text(), signal.SIGKILL)
    other = int(first.out.read_text())
    assert first.ends()[0] == -signal.SIGKILL
    deadline = time.monotonic() + EXPECTED_TO_END
    while is_there(other) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_there(other)


FIRST = """
import types
from torch_ref import processes

def forked(shape, share, store):
    if not (pid := os.fork()):
        processes._serve(vars(shape), vars(share), store)
    return types.SimpleNamespace(pid=pid)

processes._start = forked
print(processes.Processes((2, 1), 1.0, "float64", 2)._others[0].pid, flush=True)
os.waitpid(-1, 0)
"""

BY_ITSELF = """
import time
from torch_ref import processes

start = processes._start
processes._start = lambda *given: print((other := start(*given)).pid, flush=True) or other
processes.Member = lambda *_: time.sleep(60)
processes.Processes((2, 1), 1.0, "float64", 2)
"""


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
