"""What somebody who did not write it found wrong with ``backproof run``: each stays mended."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from command_line import in_process as backproof  # noqa: F401 - a fixture

from compare import run
from scratch import sgd
from scratch.backprop import Backprop
from scratch.network import Parameters, feedforward
from torch_ref.network import SigmoidMLP

pytestmark = pytest.mark.usefixtures("without_shapes")
QUICK = ("run", "--epochs", "1", "--limit", "300", "--hidden", "5")


def no_biases(self, weights, biases):
    load_arrays(self, weights, [0 * b for b in biases])


def one_weight_off(self, weights, biases):
    load_arrays(self, weights, biases)
    with torch.no_grad():
        self.linear_layers[0].weight[0, 0] *= 1.5


load_arrays, take, gradient = SigmoidMLP.load_arrays, torch.optim.SGD.step, Backprop.gradient


@pytest.mark.parametrize("fault", [no_biases, one_weight_off], ids=lambda fault: fault.__name__)
def test_torch_that_starts_from_other_weights_is_a_mismatch(backproof, monkeypatch, fault):
    monkeypatch.setattr(SigmoidMLP, "load_arrays", fault)
    code, out, _ = backproof(*QUICK)
    assert code == 1
    assert "of torch's training does not start as on the actual side" in out


WRONG_WAYS = {
    "− b": ("feedforward", lambda p, x: feedforward(Parameters(p.sizes, negated_biases(p)), x)),
    "zeros": ("Parameters.of", lambda weights, biases: Parameters.random([784, 5, 10], np.random.default_rng(0))),
}


def negated_biases(parameters):
    copy = parameters.copy()
    for b in copy.biases:
        np.negative(b, out=b)
    return copy.vector


@pytest.mark.parametrize(("name", "fault"), WRONG_WAYS.values(), ids=WRONG_WAYS.keys())
def test_a_wrong_way_forward_that_accuracy_is_measured_by_is_a_mismatch(backproof, monkeypatch, name, fault):
    monkeypatch.setattr(f"compare.run.{name}", fault)
    code, out, _ = backproof(*QUICK)
    assert code == 1
    assert "mismatch: at step 29, the way forward that accuracy is measured by: equation a = σ(z), layer 2" in out


def test_a_learning_rate_of_torch_that_is_wrong_from_the_start_is_found_at_step_0(backproof, monkeypatch):
    def doubled(self, closure=None):
        for group in self.param_groups:
            group["lr"] = 6.0
        return take(self, closure)

    monkeypatch.setattr(torch.optim.SGD, "step", doubled)
    code, out, _ = backproof(*QUICK)
    assert code == 1
    assert "mismatch: at step 0, expected side: " in out


@pytest.mark.parametrize(
    ("dtype", "eta", "code"), [("float64", "1.7e308", 2), ("float64", "4e307", 0), ("float32", "3e38", 2)]
)
def test_an_eta_that_the_reference_cannot_double_is_refused_and_one_below_is_no_mismatch(backproof, dtype, eta, code):
    arguments = ("--limit", "1", "--batch-size", "1", "--cost", "full", "--hidden", "3", "--epochs", "1")
    got, _, err = backproof("run", *arguments, "--eta", eta, "--dtype", dtype)
    assert got in ((2,) if code else (0, 2, 3)), err
    assert ("it can be from" in err) == bool(code)


def test_where_the_json_file_cannot_be_written_the_verdict_is_shown(backproof):
    code, out, err = backproof(*QUICK, "--json", "/dev/full")
    assert (code, err.count("\n")) == (2, 1)
    assert out.rstrip().splitlines()[-1].startswith("match: ")


def test_the_json_can_go_to_a_pipe_that_has_no_name(backproof):
    read, write = os.pipe()  # it holds 64 KiB, and the report has 6
    assert backproof(*QUICK, "--json", f"/dev/fd/{write}")[0] == 0
    os.close(write)
    with open(read) as file:
        assert json.loads(file.read())["verdict"] == "match"


def test_a_network_of_ninety_hidden_layers_has_a_folder(backproof, tmp_path):
    code, _, err = backproof("run", "--epochs", "1", "--limit", "20", "--hidden", *["10"] * 90)
    assert code in (0, 3), err
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.startswith("784-10-10-")
    assert folder.name.endswith("-10_m10_eta3_float64")


def ends(self, *_):
    raise SystemExit(0)


def breaks_off(self, *_):
    raise ValueError("shapes")


@pytest.mark.parametrize(("fault", "words"), [(ends, "the code under test ended the program"), (breaks_off, "shapes")])
def test_code_that_ends_the_program_or_breaks_off_is_exit_code_2_and_leaves_nothing(
    backproof, monkeypatch, tmp_path, fault, words
):
    monkeypatch.setattr(sgd.Steps, "take", fault)
    code, _, err = backproof(*QUICK)
    assert (code, err.count("\n")) == (2, 1)
    assert words in err
    assert not list((tmp_path / "runs").iterdir())


def test_an_array_that_went_stale_is_found_whatever_the_number_of_blocks_in_an_epoch(backproof, monkeypatch):
    """Two blocks of 64 mini-batches and a last one of 5 examples, so that each epoch has three."""

    def stale(self, x, y, scale):
        self.first_x = getattr(self, "first_x", x)
        gradient(self, x, y, scale)
        np.matmul(self.scaled[0], self.first_x, self._gradient[0][2])

    monkeypatch.setattr(Backprop, "gradient", stale)
    assert backproof("run", "--epochs", "3", "--limit", "1285", "--hidden", "5")[0] == 1


def test_a_doubt_says_what_rounding_does_as_a_rule(backproof, monkeypatch):
    judge = run.Judge
    monkeypatch.setattr(judge, "_least_gain", lambda *_: 0.0)
    monkeypatch.setattr(judge, "_probable", lambda self: type(self.actual_precision)("none", 1e-25, 0.0))
    code, out, _ = backproof(*QUICK)
    assert code == 3
    assert "as a rule, and more only if all errors of rounding conspired" in out
    assert "cannot explain" not in out
    assert not Path("report.json").exists()


def interrupted(*_):
    raise KeyboardInterrupt


def test_a_drift_that_is_no_number_is_not_called_small(backproof):
    _, out, _ = backproof(*QUICK, "--eta", "1e300")
    assert "free-running drift: not known: " in out
    assert "nan" not in out


def test_ctrl_c_while_the_logs_are_begun_says_so_and_leaves_none(backproof, monkeypatch):
    monkeypatch.setattr("compare.main_job.ProgressBar", interrupted)
    code, out, err = backproof(*QUICK)
    assert (code, out, err) == (130, "interrupted before the first step: nothing was checked\n", "")
    assert not list(Path("runs").iterdir())


def test_ctrl_c_while_the_processes_meet_says_how_far_it_came(backproof, monkeypatch):
    monkeypatch.setattr("compare.run.Processes", interrupted)
    code, out, _ = backproof(*QUICK, "--processes", "2")
    assert code == 130
    assert "interrupted after 0 of 30 steps: " in out


def test_ctrl_c_while_the_logs_are_closed_leaves_what_was_checked(backproof, monkeypatch):
    monkeypatch.setattr("compare.main_job.ProgressBar.close", interrupted)
    code, out, _ = backproof(*QUICK)
    assert code == 130
    assert "before the first step" not in out
    assert list(Path("runs").iterdir())
