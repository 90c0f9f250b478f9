"""Whether torch is held to the same bits each time is set on purpose, and said: in the report, in JSON, in a file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch
from command_line import in_process as backproof  # noqa: F401 - a fixture
from planted import faults

from torch_ref import device
from torch_ref.training.checkpoint import load

catches, test_a_planted_fault_is_caught = faults("torch_ref.device")

SMALL = ("--limit", "50", "--epochs", "1", "--hidden", "4")
DEMANDED, NOT_DEMANDED = "torch's deterministic algorithms demanded", "torch's deterministic algorithms not demanded"


def new_memory_is_filled():
    return torch.utils.deterministic.fill_uninitialized_memory


@catches("nothing is set", "torch.use_deterministic_algorithms", lambda mode: None)
def test_on_cuda_it_is_set_inside_and_is_as_before_outside():
    before = torch.are_deterministic_algorithms_enabled(), new_memory_is_filled()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", environment := {})
        with device.deterministic(torch.device("cuda")):
            assert torch.are_deterministic_algorithms_enabled()
            assert not new_memory_is_filled()
            assert environment == {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}
    assert (torch.are_deterministic_algorithms_enabled(), new_memory_is_filled()) == before == (False, True)


def test_what_somebody_has_set_for_cublas_stays(monkeypatch):
    monkeypatch.setattr(os, "environ", environment := {"CUBLAS_WORKSPACE_CONFIG": ":16:8"})
    with device.deterministic(torch.device("cuda")):
        assert environment == {"CUBLAS_WORKSPACE_CONFIG": ":16:8"}


def test_on_the_cpu_nothing_is_changed(monkeypatch):
    monkeypatch.setattr(torch, "use_deterministic_algorithms", lambda mode: pytest.fail("it takes seconds"))
    with device.deterministic(torch.device("cpu")):
        assert not torch.are_deterministic_algorithms_enabled()


def said(backproof, command):  # noqa: F811
    """What a run prints, and what it leaves behind in a file."""
    code, out, err = backproof(command, *SMALL, *(["--json", "report.json"] if command == "run" else []))
    assert code in (0, 3), err
    if command == "run":
        return out, json.loads(Path("report.json").read_text())["deterministic"]
    (path,) = Path("runs").glob("train*/checkpoint.safetensors")
    return out, load(path).facts["deterministic"]


@pytest.mark.parametrize("command", ["run", "train"])
def test_it_is_said_as_it_is(backproof, command):  # noqa: F811
    out, recorded = said(backproof, command)
    assert NOT_DEMANDED in out
    assert recorded is False


@pytest.mark.parametrize("command", ["run", "train"])
def test_it_is_said_where_it_is_otherwise(backproof, monkeypatch, command):  # noqa: F811
    monkeypatch.setattr(torch, "are_deterministic_algorithms_enabled", lambda: True)
    out, recorded = said(backproof, command)
    assert DEMANDED in out
    assert recorded is True


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
def test_on_a_gpu_the_compared_run_is_held_to_the_same_bits_and_says_so(backproof):  # noqa: F811
    code, out, err = backproof("run", "--device", "cuda", *SMALL, "--json", "report.json")
    assert code in (0, 3), err
    assert DEMANDED in out
    assert json.loads(Path("report.json").read_text())["deterministic"] is True
