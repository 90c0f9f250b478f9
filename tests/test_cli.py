"""The command line: exit codes that scripts can trust, one line for every error, nothing half-written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_line import in_process as backproof  # noqa: F401 - a fixture

from compare import main_job
from compare.side import ScratchSide
from scratch.backprop import Backprop
from scratch.cost import COSTS, QuadraticCost
from scratch.sgd import Steps
from torch_ref.folder import LogError

pytestmark = pytest.mark.usefixtures("without_shapes")
QUICK = ("run", "--epochs", "1", "--limit", "300", "--hidden", "5")


def test_a_correct_network_matches_with_exit_code_0(backproof):
    code, out, err = backproof(*QUICK)
    assert code == 0
    assert out.rstrip().splitlines()[-1].startswith("match: in all 30 steps")
    assert err == ""


def test_a_wrong_network_is_a_mismatch_with_exit_code_1(backproof, monkeypatch):
    right = QuadraticCost.derivative
    monkeypatch.setattr(QuadraticCost, "derivative", lambda self, a, y, out=None: right(self, y, a, out))
    code, out, _ = backproof(*QUICK, "--json", "report.json")
    assert code == 1
    assert "mismatch: at step 0, equation ∂C/∂a, layer 2" in out
    first = json.loads(Path("report.json").read_text())["first_divergence"]
    assert (first["step"], first["equation"], first["layer"]) == (0, "∂C/∂a", 2)


def test_a_check_without_power_is_inconclusive_with_exit_code_3(backproof, monkeypatch):
    monkeypatch.setattr("compare.power.Power.vacuous", True)
    code, out, _ = backproof(*QUICK)
    assert code == 3
    assert "inconclusive: the bound is larger than most of the numbers in nabla_b[2] (BP3)" in out


def test_the_json_report_holds_what_it_promises(backproof):
    code, _, _ = backproof(*QUICK, "--json", "report.json", "--epochs", "2")
    report = json.loads(Path("report.json").read_text())
    assert (code, report["verdict"], report["steps_checked"], report["first_divergence"]) == (0, "match", 60, None)
    assert 0 < report["worst_ratio"] <= 1
    assert [set(epoch) for epoch in report["accuracy"]] == [{"training", "validation", "test"}] * 2
    assert all(set(s) == {"scratch", "torch_ref", "different"} for e in report["accuracy"] for s in e.values())
    assert not [name for name in os.listdir() if name.startswith(".")]


@pytest.mark.parametrize(
    ("hidden", "sizes"),
    [
        (["--hidden", "none"], "784-10"),
        (["--hidden", "6", "5"], "784-6-5-10"),
        (["--hidden", "6,5"], "784-6-5-10"),
        (["--hidden", "6", "--hidden", "5"], "784-6-5-10"),
    ],
    ids=["none", "a list", "with a comma", "repeated"],
)
def test_hidden_layers_can_be_given_in_each_way(backproof, hidden, sizes):
    code, out, _ = backproof("run", "--epochs", "1", "--limit", "50", *hidden)
    assert code == 0
    assert f"mnist, {sizes}, " in out


BAD = {
    "eta zero": (["--eta", "0"], "--eta is 0.0; the learning rate must be a positive, finite number"),
    "eta negative": (["--eta", "-3"], "--eta is -3.0"),
    "eta nan": (["--eta", "nan"], "--eta is nan"),
    "eta inf": (["--eta", "inf"], "--eta is inf"),
    "eta too large for the dtype": (
        ["--eta", "1e300", "--dtype", "float32"],
        "with float32 it can be from 1.2e-37 to 8.5e+37",
    ),
    "eta no number": (["--eta", "fast"], "invalid float value: 'fast'"),
    "batch of none": (["--batch-size", "0"], "--batch-size is 0; give a whole number of 1 or more"),
    "batch larger than data": (["--limit", "20", "--batch-size", "21"], "larger than the 20 training examples"),
    "no epochs": (["--epochs", "0"], "--epochs is 0"),
    "limit beyond data": (["--limit", "50001"], "mnist has 50000 training examples"),
    "negative seed": (["--seed", "-1"], "--seed is -1"),
    "unknown dataset": (["--dataset", "minst"], "did you mean mnist?"),
    "absent device": (["--device", "cuda:77"], "device 'cuda:77' is not on this machine; it has cpu"),
    "no device at all": (["--device", "abacus"], "device 'abacus' is not on this machine"),
    "tf32 on the cpu": (["--tf32"], "it is a way of computing in float32 on CUDA"),
    "no processes": (["--processes", "0"], "--processes is 0; give a whole number from 1 to 64"),
    "a crowd": (["--processes", "65"], "--processes is 65; give a whole number from 1 to 64"),
    "processes on a card": (["--processes", "2", "--device", "cuda"], "several processes share the CPU only"),
    "hidden of width 0": (["--hidden", "0"], "a layer of 0 neurons"),
    "hidden no number": (["--hidden", "thirty"], "give whole numbers such as 30 or 30,20"),
    "hidden superscript": (["--hidden", "²"], "give whole numbers such as 30 or 30,20"),
    "hidden without end": (["--hidden", "9" * 5000], "give whole numbers such as 30 or 30,20"),
    "hidden too wide": (["--hidden", "3000000"], "give narrower layers"),
    "seed without end": (["--seed", "9" * 400], "up to 1,000,000,000"),
    "device that holds nothing": (["--device", "mkldnn"], "device 'mkldnn' is not on this machine"),
    "hidden none and some": (["--hidden", "none", "30"], "give whole numbers such as 30 or 30,20"),
    "unknown cost": (["--cost", "cross-entropy"], "invalid choice: 'cross-entropy'"),
    "unknown option": (["--fast"], "unrecognized arguments: --fast"),
    "log folder that cannot be": (["--logdir", "/proc/runs"], "--logdir"),
    "json in a missing folder": (["--json", "no/such/report.json"], "--json no/such/report.json cannot be written"),
    "json that is a folder": (["--json", "."], "--json . cannot be written"),
}


@pytest.mark.parametrize(("arguments", "words"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_clear_line_and_exit_code_2(backproof, tmp_path, arguments, words):
    code, out, err = backproof("run", "--epochs", "1", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("backproof: ")
    assert err.count("\n") == 1, err
    assert words in err
    assert not list(tmp_path.iterdir()), "something half-written was left behind"


def test_no_command_is_one_clear_line(backproof):
    code, out, err = backproof()
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "COMMAND" in err


def test_a_truncated_data_file_is_one_clear_line(backproof, tmp_path, monkeypatch):
    raw = tmp_path / "cache" / "KMNIST" / "raw"
    raw.mkdir(parents=True)
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (raw / f"{name}-ubyte").write_bytes(b"\0\0\x08\x03")
    monkeypatch.setenv("BACKPROOF_DATA", str(tmp_path / "cache"))
    code, out, err = backproof(*QUICK, "--dataset", "kmnist")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "is truncated: it has 4 bytes" in err


def test_training_that_diverges_names_the_step(backproof, monkeypatch):
    code, out, err = backproof(*QUICK, "--eta", "4e307", "--cost", "full", "--batch-size", "1", "--json", "report.json")
    report = json.loads(Path("report.json").read_text())
    assert code == 2
    assert report["verdict"] is None
    assert f"training diverged: after step {report['diverged_at']}" in err
    assert err.count("\n") == 1
    assert "match:" not in out


def test_a_run_never_overwrites_an_older_one(backproof, tmp_path):
    for _ in range(3):
        assert backproof(*QUICK)[0] == 0
    assert len(list((tmp_path / "runs").iterdir())) == 3


def test_a_full_disk_is_one_clear_line(server, tmp_path):
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))"  # writes fail beyond
    code, _, err = server.start(tmp_path, [*QUICK], f"{full}; main(arguments)").ends()
    assert code == 2
    assert err.startswith("backproof: ")
    assert err.count("\n") == 1, err


def test_ctrl_c_reports_what_was_checked_with_exit_code_130(server, tmp_path):
    run = server.start(tmp_path, ["run", "--epochs", "50", "--json", "report.json"])
    run.interrupt_when(lambda: list(tmp_path.glob("runs/*/compare/*")), after=2)
    code, out, err = run.ends()
    report = json.loads((tmp_path / "report.json").read_text())
    assert (code, err) == (130, "")
    assert report["interrupted"]
    assert 0 < report["steps_checked"] < 250_000
    assert f"interrupted after {report['steps_checked']:,} of 250,000 steps: match" in out


@pytest.mark.parametrize("when", ["the work", "the report"])
def test_a_second_ctrl_c_does_not_break_off_the_report(when, backproof, monkeypatch):
    """The first comes in the middle of the training; the second while the interrupt or the report is dealt with."""
    advance, show, calls = ScratchSide.advance, main_job.show, []

    def interrupted(self, block):
        calls.append(block)
        if len(calls) == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return advance(self, block)

    def again(*arguments):
        os.kill(os.getpid(), signal.SIGINT)
        show(*arguments)

    monkeypatch.setattr(ScratchSide, "advance", interrupted)
    if when == "the work":
        monkeypatch.setattr(main_job.TensorBoardLog, "close", lambda _log: os.kill(os.getpid(), signal.SIGINT))
    else:
        monkeypatch.setattr(main_job, "show", again)
    code, out, err = backproof("run", "--epochs", "1", "--limit", "9000", "--hidden", "5", "--json", "report.json")
    assert (code, err) == (130, "")
    assert "interrupted after" in out
    assert json.loads(Path("report.json").read_text())["interrupted"]


def test_without_the_guard_a_second_ctrl_c_does_break_off_the_report(monkeypatch, backproof):
    monkeypatch.setattr(main_job, "one_interrupt", nullcontext)
    with pytest.raises(AssertionError):
        test_a_second_ctrl_c_does_not_break_off_the_report("the report", backproof, monkeypatch)


def test_help_answers_without_torch():
    code = (
        "import sys, compare.cli\ntry: compare.cli.main(sys.argv[1:])\nexcept SystemExit: print('torch' in sys.modules)"
    )
    for arguments in (["--help"], ["run", "--help"]):
        out = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
        ).stdout
        assert "exit codes: 0 match, 1 mismatch, 2 could not run, 3 inconclusive" in " ".join(out.split())
        assert out.endswith("False\n")


def test_no_progress_bar_where_the_output_is_no_terminal(backproof):
    _, out, err = backproof(*QUICK)
    assert "training both networks" not in out + err
    assert "\x1b" not in out + err


def test_a_proof_stays_a_proof_where_training_diverges_later(backproof, monkeypatch):
    take = Steps.take

    def spoils_step_9(self, k, x, y, eta):
        take(self, k, x, y, eta)
        if k == 9:
            self.steps[k][-1] = self.vectors[k + 1][-1] = np.nan

    monkeypatch.setattr(Steps, "take", spoils_step_9)
    code, out, _ = backproof(*QUICK, "--epochs", "2", "--json", "report.json")
    report = json.loads(Path("report.json").read_text())
    assert (code, report["verdict"], report["first_divergence"]["step"]) == (1, "mismatch", 9)
    assert "mismatch: at step 9" in out


def test_a_wrong_factor_of_the_cost_is_a_mismatch(backproof, monkeypatch):
    monkeypatch.setitem(COSTS, "half", replace(COSTS["half"], factor=2.0))
    code, out, _ = backproof(*QUICK)
    assert code == 1
    assert "equation C, layer 2" in out


def test_an_array_that_went_stale_is_a_mismatch(backproof, monkeypatch):
    """The gradient of the first layer keeps the x of the first call of each recorder's place."""
    gradient = Backprop.gradient

    def stale(self, x, y, scale):
        self.first_x = getattr(self, "first_x", x)
        gradient(self, x, y, scale)
        np.matmul(self.scaled[0], self.first_x, self._gradient[0][2])

    monkeypatch.setattr(Backprop, "gradient", stale)
    code, out, _ = backproof("run", "--epochs", "4", "--limit", "2560", "--hidden", "5")
    assert code == 1
    assert "equation BP" in out


def test_an_exception_in_the_code_under_test_is_one_line_and_not_a_mismatch(backproof, monkeypatch):
    monkeypatch.setattr(Backprop, "backward", lambda self, y: np.zeros(3) + np.zeros(4))
    code, _, err = backproof(*QUICK)
    assert (code, err.count("\n")) == (2, 1)
    assert "it broke off with ValueError: operands could not be broadcast" in err


LEAVES = {"": 0, "del torch_ref.terminal.Output.on_broken_pipe; ": 1}


@pytest.mark.parametrize("fault", LEAVES)
def test_a_reader_that_leaves_does_not_change_the_exit_code(server, tmp_path, fault):
    left = "read, write = os.pipe(); os.close(read); os.dup2(write, 1)"
    run = server.start(tmp_path, [*QUICK, "--json", "report.json"], f"{fault}{left}; main(arguments)")
    assert run.ends()[0] == LEAVES[fault]
    assert fault or json.loads((tmp_path / "report.json").read_text())["verdict"] == "match"


def test_a_terminal_without_greek_letters_gets_question_marks(server, tmp_path):
    run = server.start(tmp_path, QUICK, "sys.stdout.reconfigure(encoding='ascii'); main(arguments)")
    code, out, err = run.ends()
    assert (code, err) == (0, "")
    assert "?" in out
    assert out.isascii()


def test_a_pipe_that_is_given_as_json_file_is_written_into(backproof, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", "pipe"], cwd=tmp_path, stdout=subprocess.PIPE) as reader:
        assert backproof(*QUICK, "--json", "pipe")[0] == 0
        assert json.loads(reader.communicate(timeout=30)[0])["verdict"] == "match"


def test_logs_that_were_cut_off_do_not_stay(backproof, tmp_path, monkeypatch):
    def full(*_):
        raise LogError("the disk is full")

    monkeypatch.setattr("compare.report.tensorboard.TensorBoardLog.trained", full)
    code, _, err = backproof(*QUICK)
    assert (code, err) == (2, "backproof: the disk is full\n")
    assert not list((tmp_path / "runs").iterdir())
