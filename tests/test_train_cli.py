"""``backproof train`` as it is typed: what it prints, what it leaves behind, and how it goes on after it was killed."""

import signal

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from compare.cli import main
from torch_ref.training.checkpoint import load
from torch_ref.training.training import Training

pytestmark = pytest.mark.usefixtures("without_shapes")
QUICK = ["--limit", "2000", "--epochs", "2", "--hidden", "8", "--logdir", "runs"]


@pytest.fixture
def train(tmp_path, monkeypatch, capsys):
    """``backproof train`` in a folder of its own: its exit code, and what it printed to either stream."""
    monkeypatch.chdir(tmp_path)

    def train(*arguments):
        with pytest.raises(SystemExit) as end:
            main(["train", *arguments])
        return (end.value.code, *capsys.readouterr())

    return train


def only_run(folder, logdir="runs"):
    (run,) = (folder / logdir).iterdir()
    return run


def same(a, b):
    one, other = load(a / "checkpoint.safetensors"), load(b / "checkpoint.safetensors")
    assert one.facts == other.facts
    assert one.tensors.keys() == other.tensors.keys()
    return all(torch.equal(values, other.tensors[name]) for name, values in one.tensors.items())


def test_a_run_prints_its_epochs_and_leaves_a_checkpoint_and_curves(train, tmp_path):
    code, out, err = train(*QUICK, "--replicas", "2")
    assert (code, err) == (0, "")
    first, epoch1, epoch2, last = out.splitlines()
    assert first.startswith("train_784-8-10_m10_eta3_float32_x2 on cpu, in runs")
    assert epoch1.startswith("epoch 1: accuracy ")
    assert epoch2.startswith("epoch 2: accuracy ")
    assert last.startswith("2 epochs done; --resume runs/")
    run = only_run(tmp_path)
    curves = EventAccumulator(str(run / "torch_ref"))
    curves.Reload()
    tags = {"accuracy/validation", "accuracy/test", "cost/training"}
    assert tags | {f"{tag}, lowest" for tag in tags} <= set(curves.Tags()["scalars"])
    assert [point.step for point in curves.Scalars("accuracy/test")] == [200, 400]
    mean = sum(load(run / "checkpoint.safetensors").facts["history"][1]["test"]) / 2
    assert curves.Scalars("accuracy/test")[1].value == pytest.approx(mean)


def test_a_run_that_is_killed_ends_with_the_same_bits_once_it_is_resumed(train, server, tmp_path):
    whole, cut = ["--epochs", "9", "--logdir", "whole"], ["--epochs", "9", "--logdir", "runs", "--save", "0"]
    assert train(*QUICK, *whole)[0] == 0
    run = server.start(tmp_path, ["train", *QUICK, *cut])
    run.interrupt_when(lambda: list(tmp_path.glob("runs/*/*.safetensors")), signal.SIGKILL, after=0.1)
    assert run.ends()[0] == -signal.SIGKILL, "it had ended before"
    assert train("--resume", str(only_run(tmp_path)))[0] == 0
    assert same(only_run(tmp_path, "whole"), only_run(tmp_path))


def test_a_run_that_has_ended_goes_on_for_more_epochs_and_as_itself_only(train, tmp_path):
    train(*QUICK)
    run = str(only_run(tmp_path))
    code, out, _ = train("--resume", run, "--epochs", "3")
    assert (code, [line.split(":")[0] for line in out.splitlines()[1:-1]]) == (0, ["epoch 3"])
    code, _, err = train("--resume", run, "--eta", "2")
    assert (code, "--eta is 2.0, and the run that goes on has 3.0" in err) == (2, True)


BAD = {
    "no checkpoint": (["--resume", "nowhere"], "nowhere"),
    "eta 0": (["--eta", "0"], "--eta is 0.0; the learning rate must be a positive, finite number"),
    "a target in per cent": (["--target", "95"], "give a part of 1"),
    "too few examples": (["--limit", "5", "--batch-size", "6"], "more than the 5 training examples"),
    "too large a limit": (["--limit", "60000"], "give at most 50000"),
    "no such device": (["--device", "cuda:7"], "is not on this machine"),
    "no such data": (["--dataset", "cats"], "cats"),
    "no replicas": (["--replicas", "0"], "--replicas is 0"),
    "a file as folder": (["--logdir", "file"], "--logdir"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_trained_is_one_line_and_exit_code_2(name, train, tmp_path):
    (tmp_path / "file").touch()
    arguments, sentence = BAD[name]
    code, out, err = train(*arguments)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert sentence in err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_run_that_diverges_is_one_line_with_its_step_and_keeps_the_last_good_checkpoint(train, tmp_path, monkeypatch):
    step, steps = Training._step, iter(range(1, 1000))

    def broken(run, rows):
        if next(steps) == 300:
            run.net.biases[0].data[:] = torch.nan
        return step(run, rows)

    monkeypatch.setattr(Training, "_step", broken)
    code, _, err = train(*QUICK)
    assert (code, len(err.splitlines())) == (2, 1)
    assert "training diverged: at step 300 the numbers are no longer finite; --eta is 3: give a smaller one" in err
    assert "checkpoint.safetensors goes on from there" in err
    kept = load(only_run(tmp_path) / "checkpoint.safetensors")
    assert (len(kept.facts["history"]), all(t.isfinite().all() for t in kept.tensors.values())) == (1, True)


def test_ctrl_c_is_exit_code_130_and_the_run_can_go_on(train, server, tmp_path):
    run = server.start(tmp_path, ["train", *QUICK, "--epochs", "1000", "--save", "0"])
    run.interrupt_when(lambda: list(tmp_path.glob("runs/*/*.safetensors")))
    code, out, err = run.ends()
    assert (code, err) == (130, "")
    assert "interrupted; --resume runs/" in out
    assert train("--resume", str(only_run(tmp_path)), "--epochs", "1")[0] == 0
