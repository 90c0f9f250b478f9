"""Out of a device's memory is one sentence with what would fit; the last good checkpoint stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from command_line import in_process as backproof  # noqa: F401 - a fixture
from planted import faults
from tiny_runs import dataset

from torch_ref.terminal import Output
from torch_ref.training import begin, memory
from torch_ref.training.checkpoint import load
from torch_ref.training.job import train
from torch_ref.training.memory import PART, Plan, way_out
from torch_ref.training.settings import Settings
from torch_ref.training.training import Training

catches, test_a_planted_fault_is_caught = faults("torch_ref.training")

QUICK = ("train", "--limit", "2000", "--epochs", "2", "--hidden", "8", "--replicas", "64", "--batch-size", "20")
MNIST = Plan((784, 30, 10), training=50_000, held_out=20_000, itemsize=4, replicas=1000, batch_size=10)
largest, needed = memory._largest, Plan.needed.fget


def room_for(plan):
    """So many bytes that the plan just fits."""
    return int(plan.needed / PART) + 1


def as_asked(plan, asked, available):
    return asked


def one_more(plan, asked, available):
    return largest(plan, asked, available) + 1


@catches("what was asked", "memory._largest", as_asked, replicas=40)
@catches("one more than fits", "memory._largest", one_more, replicas=40)
@pytest.mark.parametrize("replicas", [1, 2, 40, 500])
def test_the_most_networks_that_fit_are_named(replicas):
    assert way_out(MNIST, room_for(replace(MNIST, replicas=replicas))) == f"a run with --replicas {replicas} would fit"


@catches("what was asked", "memory._largest", as_asked, replicas=1)
@pytest.mark.parametrize("replicas", [1, 8])
def test_where_not_one_network_fits_it_is_the_largest_mini_batch_that_does(replicas):
    plan = replace(MNIST, replicas=replicas, batch_size=50_000)
    fits = {"replicas": 1, "batch_size": 1234} if replicas == 1 else {"replicas": 3}
    expected = "--batch-size 1234" if replicas == 1 else "--replicas 3"
    assert way_out(plan, room_for(replace(plan, **fits))) == f"a run with {expected} would fit"


def test_where_the_examples_alone_do_not_fit_neither_would_help():
    assert way_out(MNIST, 10**6) == "give smaller --hidden layers, a smaller --limit, or --dtype float32"


def test_what_did_not_fit_is_never_named_again_whatever_was_reckoned():
    assert way_out(MNIST, 10**15) == "a run with --replicas 500 would fit"
    assert way_out(replace(MNIST, replicas=1), 10**15) == "a run with --batch-size 5 would fit"
    assert way_out(replace(MNIST, replicas=1, batch_size=1), 10**15).startswith("give smaller --hidden")


def held(run):
    """Bytes of all that a run keeps on its device from one step to the next."""
    sets = [(of.x, of.y, of.labels) for of in (run.training, run.validation, run.test)]
    parameters, order = list(run.net.parameters()), [run.unrolled.whole, run.unrolled.rest]
    return sum(t.nbytes for t in (*sum(sets, ()), *parameters, *parameters, *order))  # as many numbers in gradients


@catches("one network", "memory.Plan.needed", property(lambda p: needed(replace(p, replicas=1))), dtype="float64")
@catches("bytes of float32", "memory.Plan.needed", property(lambda p: needed(replace(p, itemsize=1))), dtype="float64")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_is_reckoned_grows_by_more_than_what_a_run_holds(dtype):
    """From 20 networks to 40, so that what is there once does not hide it."""
    found = []
    for R in (20, 40):
        settings = Settings(hidden=(300, 20), replicas=R, dtype=dtype)
        run = Training(settings, dataset(53, 784), torch.device("cpu"), graph=True)
        found.append((held(run), Plan.of(settings, 784, 53, 40).needed))
    (held_by_20, needed_by_20), (held_by_40, needed_by_40) = found
    assert held_by_40 - held_by_20 < needed_by_40 - needed_by_20 < 10 * (held_by_40 - held_by_20)


def test_what_is_reckoned_with_are_the_settings():
    assert Plan.of(Settings(), 784, 53, 40) == Plan((784, 30, 10), 53, 40, 4, 1, 10)


def out_of_memory_at(step, monkeypatch):
    """As torch raises it, in that step."""
    take, steps = Training._step, iter(range(1, 10_000))

    def full(run, rows):
        if next(steps) == step:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return take(run, rows)

    monkeypatch.setattr(Training, "_step", full)


def checkpoint(folder):
    (path,) = folder.glob("runs/*/checkpoint.safetensors")
    return load(path)


def test_out_of_memory_in_training_is_one_sentence_with_way_out_and_keeps_the_checkpoint(
    backproof,  # noqa: F811
    monkeypatch,
    tmp_path,
):
    plan = Plan((784, 8, 10), training=2000, held_out=20_000, itemsize=4, replicas=64, batch_size=20)
    monkeypatch.setattr(memory, "available", lambda device: room_for(replace(plan, replicas=23)))
    out_of_memory_at(150, monkeypatch)  # in the second epoch
    code, _, err = backproof(*QUICK)
    assert (code, len(err.splitlines())) == (2, 1)
    assert "out of memory on cpu: 64 networks with mini-batches of 20 need about 0." in err
    assert "a run with --replicas 23 would fit; --resume runs/" in err
    assert "checkpoint.safetensors goes on from there" in err
    assert len(checkpoint(tmp_path).facts["history"]) == 1


def test_out_of_memory_where_nobody_tells_how_much_there_is_is_a_sentence_without_numbers(
    backproof,  # noqa: F811
    monkeypatch,
):
    out_of_memory_at(3, monkeypatch)
    code, _, err = backproof(*QUICK)
    assert (code, len(err.splitlines())) == (2, 1)
    assert "out of memory on cpu, with 64 networks with mini-batches of 20; give fewer --replicas, a smaller" in err
    assert "no checkpoint was written yet" in err


def test_out_of_memory_before_the_first_step_leaves_nothing(backproof, monkeypatch, tmp_path):  # noqa: F811
    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(begin, "Training", full)
    monkeypatch.setattr(memory, "available", lambda device: 10**6)
    code, out, err = backproof(*QUICK)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "give smaller --hidden layers, a smaller --limit, or --dtype float32\n" in err
    assert not list(tmp_path.iterdir())


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
def test_on_a_gpu_an_epoch_takes_about_the_memory_that_is_reckoned():
    device, settings = torch.device("cuda"), Settings(replicas=200)
    torch.cuda.reset_peak_memory_stats(device)
    Training(settings, dataset(5000, 784), device, graph=True).run_epoch(lambda: None)
    reckoned = Plan.of(settings, 784, 5000, 40).needed
    assert 0.3 < torch.cuda.max_memory_allocated(device) / reckoned < 1 / PART


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
def test_on_a_gpu_more_networks_than_fit_are_refused_with_a_number(monkeypatch, tmp_path):
    """Of a small part of the card, which the card itself does not tell of: so it is half of what was asked."""
    monkeypatch.chdir(tmp_path)
    torch.cuda.set_per_process_memory_fraction(2**28 / torch.cuda.mem_get_info()[1])
    try:
        settings = {"replicas": 3000, "limit": 1000}
        with pytest.raises(
            begin.TrainingError, match=r"out of memory on cuda: 3000 networks .* a run with --replicas 1500 would"
        ):
            train(begin.Options(settings, "cuda"), Output(quiet=True))
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
