"""Training on several processes, as torchrun starts them: the same training; and who is left says that one is lost."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time

import pytest
import torch

from torch_ref.share import Share
from torch_ref.training.checkpoint import load

# Of a mini-batch of 10 each has 5 examples; of the last one, of 1, the second process has none.
QUICK = ["--limit", "201", "--epochs", "2", "--hidden", "6", "--dtype", "float64", "--replicas", "2"]
TRAIN = "sys.exit(torch_ref.train.main(arguments))"


def one(server, folder, arguments):
    """A process by itself, to its end."""
    code, _, err = server.start(folder, arguments, TRAIN).ends()
    assert code == 0, err


def two(server, folder, arguments, fault="pass"):
    """The two of a training, as if torchrun had started one on each of two machines."""
    address = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port()}
    return [server.start(folder, arguments, f"{fault}; {TRAIN}", address | {"RANK": rank}) for rank in ("0", "1")]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return str(s.getsockname()[1])


def only_checkpoint(folder):
    (path,) = folder.glob("runs/*/checkpoint.safetensors")
    return load(path)


@pytest.fixture(scope="module")
def alone(server, tmp_path_factory):
    """What one process ends with."""
    one(server, folder := tmp_path_factory.mktemp("alone"), QUICK)
    return only_checkpoint(folder)


def close(a, b):
    """As far as another order of summation goes, in 42 steps of float64."""
    return all(torch.allclose(t, b.tensors[name], rtol=1e-9, atol=1e-11) for name, t in a.tensors.items())


FAULTS = {
    "no gradients are exchanged": "S.model = lambda self, net: net",
    "the last example is forgotten": "S.of = lambda self, rows, dim: rows.tensor_split(2, dim=dim)[self.rank][:, :-1]",
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_training_that_is_not_the_same_is_noticed(server, tmp_path, alone, fault):
    for process in two(server, tmp_path, QUICK, f"from torch_ref.share import Share as S; {fault}"):
        code, _, err = process.ends()
        assert code == 0, err
    assert not close(only_checkpoint(tmp_path), alone)


def test_two_processes_of_torchrun_train_as_one_and_only_the_first_prints_logs_and_saves(tmp_path, alone):
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "torch_ref.train"]
    done = subprocess.run([*torchrun, *QUICK], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    begins = [line.split()[0] for line in done.stdout.splitlines()]
    assert begins == ["train_784-6-10_m10_eta3_float64_x2", "epoch", "epoch", "2"]
    assert close(only_checkpoint(tmp_path), alone)
    assert only_checkpoint(tmp_path).facts["history"][-1]["test"] == alone.facts["history"][-1]["test"]


@pytest.mark.parametrize("lost", [0, 1], ids=["the first", "the other"])
def test_when_one_is_killed_the_other_ends_in_seconds_and_the_checkpoint_is_good(server, tmp_path, lost):
    forever = ["--limit", "5000", "--epochs", "1000", "--hidden", "6", "--save", "0"]
    both = two(server, tmp_path, forever)
    both[lost].interrupt_when(lambda: list(tmp_path.glob("runs/*/*.safetensors")), signal.SIGKILL)
    began = time.monotonic()
    code, _, err = both[1 - lost].ends()
    assert code == 2
    assert time.monotonic() - began < 15
    assert both[lost].ends()[0] == -signal.SIGKILL
    line = err.strip().splitlines()[-1]
    assert line.startswith("backproof: the 2 processes of this run cannot go on together: ")
    assert "--resume" in line
    assert "Traceback" not in err
    (run,) = tmp_path.glob("runs/*")
    more = str(1 + len(load(run / "checkpoint.safetensors").facts["history"]))
    one(server, tmp_path, ["--resume", str(run), "--epochs", more])


@pytest.mark.parametrize("processes", [1, 2, 3, 5])
@pytest.mark.parametrize("m", [1, 2, 3, 10])
def test_the_parts_are_the_whole(processes, m):
    examples = torch.arange(2 * m).reshape(2, m)
    parts = [Share(rank, processes).of(examples, dim=1) for rank in range(processes)]
    assert torch.equal(torch.cat(parts, dim=1), examples)
    assert max(part.shape[1] for part in parts) - min(part.shape[1] for part in parts) <= 1
