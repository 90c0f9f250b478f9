"""What the benchmark says of training is of the steps that ``backproof train`` takes; without a GPU it says so."""

from __future__ import annotations

from statistics import median

import pytest
import torch
from planted import faults
from tiny_runs import dataset

from compare.bench import __main__ as bench
from compare.bench import gpu, replicas
from compare.bench.gpu import Rates, moved, operations
from torch_ref.training.training import Training

catches, test_a_planted_fault_is_caught = faults("compare.bench")

CPU = torch.device("cpu")
no_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")


@no_cuda
def test_without_a_gpu_it_is_one_line_that_says_so(capsys):
    bench.main(["--only", "gpu"])
    out = capsys.readouterr().out
    assert out.strip() == "training on a GPU: not timed, as torch.cuda.is_available() is False here"


def test_a_part_that_does_not_exist_is_refused(capsys):
    with pytest.raises(SystemExit):
        bench.main(["--only", "nothing"])
    assert "replicas" in capsys.readouterr().err


def counted(monkeypatch, go):
    """The mini-batches that the usual steps are given meanwhile."""
    step, given = Training._step, []
    monkeypatch.setattr(Training, "_step", lambda run, rows: given.append(tuple(rows.shape)) or step(run, rows))
    go()
    return given


def test_networks_side_by_side_take_the_steps_that_are_timed(monkeypatch):
    go = replicas.steps(dataset(2000), CPU, 7)
    assert counted(monkeypatch, go) == [(7, 10)] * replicas.STEPS


def test_the_seconds_are_those_of_one_step(monkeypatch):
    monkeypatch.setattr(replicas, "in_turns", lambda functions, *_, **__: {name: [200.0] for name in functions})
    assert replicas.measure(dataset(200), 2) == {"one": [2.0], "together": [2.0]}


def test_both_ways_of_a_gpu_take_the_same_steps(monkeypatch):
    """On the CPU, where a graph is the function itself."""
    monkeypatch.setattr(gpu, "STEPS", 70)
    ends, of = {}, gpu.Training
    for way in ("eager", "graph"):
        monkeypatch.setattr(gpu, "Training", lambda *given, way=way, **named: ends.setdefault(way, of(*given, **named)))
        gpu.steps(dataset(1000), CPU, way, 2)()
    assert (ends["eager"].unrolled, ends["graph"].unrolled is None) == (None, False)
    for a, b in zip(*(run.net.parameters() for run in ends.values()), strict=True):
        assert torch.equal(a, b)


def test_every_way_is_measured_for_one_network_and_for_many(monkeypatch):
    monkeypatch.setattr(gpu, "STEPS", 3)
    monkeypatch.setattr(gpu, "MANY", 2)
    found = list(gpu.measure(dataset(50), CPU, rounds=1))
    assert [(way, R) for way, R, _ in found] == [("eager", 1), ("graph", 1), ("graph", 2)]
    assert all(seconds > 0 for *_, seconds in found)


def test_the_table_of_a_gpu_has_every_way_beside_the_floor(monkeypatch, capsys):
    """With the CPU in the place of the card, and rates that it has not."""
    monkeypatch.setattr(gpu, "STEPS", 3)
    monkeypatch.setattr(gpu, "MANY", 2)
    monkeypatch.setattr(gpu.Rates, "measured", lambda _: Rates(1e9, 1e15))
    monkeypatch.setattr(bench.cuda, "is_available", lambda: True)
    monkeypatch.setattr(bench.cuda, "get_device_name", lambda: "a card")
    monkeypatch.setattr(bench, "device", lambda _: CPU)
    monkeypatch.setattr(bench, "load", lambda _: dataset(50))
    bench.main(["--only", "gpu"])
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines()]
    (eager,) = (row for row in rows if row[:2] == ["eager", "1"])
    one, two = (row for row in rows if row[:1] == ["graph"])
    assert (eager[3], eager[-1], one[-1]) == ("1.0", "222.64", "222.64")  # of 222,640 bytes
    assert (two[1], two[-1]) == ("2", "445.28")
    assert "at 1 GB/s of a large copy, 1000.0 TFLOP/s of a large product" in " ".join(out.split())


@catches("the first layer's BP2, too", "gpu.operations", lambda R, *_: R * 2 * 10 * 3 * 23820)
@catches("parameters read only", "gpu.moved", lambda R, *_: R * 4 * (23860 + 7940))
def test_the_floor_counts_what_cannot_be_saved():
    """784 · 30 + 30 · 10 = 23,820 weights, and 40 biases; 10 examples of 794 numbers."""
    assert gpu.moved(1) == 4 * (2 * 23860 + 7940)
    assert gpu.operations(1) == 2 * 10 * (2 * 23520 + 3 * 300)
    assert (gpu.moved(128), gpu.operations(128)) == (128 * gpu.moved(1), 128 * gpu.operations(1))


def test_the_floor_is_that_of_whatever_takes_longer():
    assert Rates(moved=1e3, computed=1e15).floor(1) == moved(1) / 1e3
    assert Rates(moved=1e15, computed=1e3).floor(2) == operations(2) / 1e3


def test_the_rates_are_bytes_and_operations_over_the_time_of_a_large_copy_and_product(monkeypatch):
    monkeypatch.setattr(gpu, "in_turns", lambda *_, **__: {"copy": [2.0, 0.5, 0.5], "product": [0.25]})
    assert Rates.measured(CPU, numbers=1000, width=10) == Rates(2 * 4000 / 0.5, 2000 / 0.25)


def test_the_rates_of_this_machine_can_be_measured():
    found = Rates.measured(CPU, numbers=10_000, width=50)
    assert found.moved > 0 < found.computed


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
def test_on_a_gpu_every_way_is_timed(monkeypatch):
    monkeypatch.setattr(gpu, "STEPS", 200)
    found = {(way, R): s for way, R, s in gpu.measure(dataset(2500, 784), torch.device("cuda"), rounds=1)}
    assert set(found) == {("eager", 1), ("torch.compile", 1), ("graph", 1), ("graph", gpu.MANY)}
    assert median(found.values()) > 0
