"""Networks side by side train as each would alone, by the derivation's steps; a run goes on where it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch
from planted import faults
from tiny_runs import dataset

from compare.diagnosis.case import Case, Observed, Shown
from compare.diagnosis.judging import judge
from compare.trace import Weights
from compare.verdict import Outcome
from torch_ref.training import replicas, state, training
from torch_ref.training.checkpoint import Checkpoint, CheckpointError, load, save
from torch_ref.training.order import Order, generators
from torch_ref.training.saving import Saving
from torch_ref.training.settings import Settings, SettingsError
from torch_ref.training.stop import reason_to_stop
from torch_ref.training.training import Diverged, Training

catches, test_a_planted_fault_is_caught = faults("torch_ref.training")

CPU = torch.device("cpu")
SMALL = Settings(hidden=(5, 4), epochs=3, batch_size=5, eta=0.5, dtype="float64", replicas=3)
step, costs, forward, facts = Training._step, replicas.costs, replicas.Replicas.forward, state.facts


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """So that an epoch has several."""
    monkeypatch.setattr(training, "BLOCK", 4)


def started(settings=SMALL, n=53):
    """11 steps an epoch, the last with 3 examples."""
    return Training(settings, dataset(n), CPU)


def arrays(parameters, r):
    return [p.detach()[r].numpy().copy().squeeze() if p.dim() == 3 else p for p in parameters]


def one_step(settings):
    """What each network shows of a step, and what it was asked."""
    run = started(settings)
    rows = run.order.next_epoch()[:, :5]
    before = [(arrays(run.net.weights, r), arrays(run.net.biases, r)) for r in range(len(run.net))]
    run._step(rows)
    for r, (weights, biases) in enumerate(before):
        x, y = run.training.x[rows[r]].numpy(), run.training.y[rows[r]].numpy()
        case = Case(weights, biases, x, y, settings.eta, factor=2.0 if settings.cost == "full" else 1.0)
        shown = Shown(after=Weights(*([a[None] for a in arrays(p, r)] for p in (run.net.weights, run.net.biases))))
        shown.nabla_w = [w.grad[r].numpy()[None] for w in run.net.weights]
        shown.nabla_b = [b.grad[r, 0].numpy()[None] for b in run.net.biases]
        yield case, Observed(shown)


USUAL = {"dtype": "float64", "cost": "half"}


@catches("the mean over the networks", "training.costs", lambda a, y, f, m: costs(a, y, f, m) / len(a), **USUAL)
@catches("one's examples for all", "replicas.Replicas.forward", lambda net, x: forward(net, x[:1] + 0 * x), **USUAL)
@catches("the sum over the mini-batch", "training.costs", lambda a, y, f, m: costs(a, y, f, m) * m, **USUAL)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("cost", ["half", "full"])
def test_a_step_of_each_network_is_that_of_the_derivation(dtype, cost):
    judged = [judge(case, shown).outcome for case, shown in one_step(replace(SMALL, dtype=dtype, cost=cost))]
    assert judged == [Outcome.MATCH] * 3


def parameters(run):
    return state.parameters(run.net)


def test_a_network_among_others_starts_and_is_fed_as_it_would_be_alone():
    together, alone = started(), started(replace(SMALL, replicas=1, seed=2))
    for name, values in parameters(alone).items():
        assert torch.equal(parameters(together)[name][2], values[0])
    for _ in range(2):
        assert torch.equal(together.order.next_epoch()[2], alone.order.next_epoch()[0])


@catches("one order for all", "training.generators", lambda seed, n: [torch.Generator().manual_seed(seed)] * n)
def test_a_network_among_others_trains_as_it_would_alone():
    together, alone = started(), started(replace(SMALL, replicas=1, seed=2))
    for run in (together, alone):
        run.run_epoch(lambda: None)
    for name, values in parameters(alone).items():  # products of other sizes are summed in another order
        assert torch.allclose(parameters(together)[name][2], values[0], rtol=1e-10, atol=1e-12)
    assert together.history[0].validation[2] == alone.history[0].validation[0]


def test_each_epoch_has_every_example_once_in_another_order():
    order = Order(50, generators(0, 2), CPU)
    first, second = order.next_epoch(), order.next_epoch()
    for rows in (*first, *second):
        assert sorted(rows.tolist()) == list(range(50))
    assert len({tuple(rows.tolist()) for rows in (*first, *second)}) == 4


class Stop(Exception):
    """The run is cut off here."""


def cut_off(settings, blocks, path):
    """A run that is saved after so many blocks, and ends there without a word."""
    run, left = started(settings), iter(range(blocks - 1))

    def after_block():
        if next(left, None) is None:
            save(path, state.tensors(run), state.facts(run))
            raise Stop

    with pytest.raises(Stop):
        to_the_end(run, after_block)


def resumed(path):
    checkpoint = load(path)
    run = started(state.settings_of(checkpoint, path))
    state.restore(run, checkpoint, path)
    return run


def to_the_end(run, after_block=lambda: None):
    while run.reason_to_stop is None:
        run.run_epoch(after_block)
    return run


def bits(run):
    found = {name: values.numpy().tobytes() for name, values in state.tensors(run).items()}
    return found, state.facts(run)


@catches("the order begun anew", "order.Order.go_back", lambda *_: None, blocks=5, replicas=3)
@catches("the epoch begun anew", "state.facts", lambda run: {**facts(run), "step": 0}, blocks=2, replicas=1)
@pytest.mark.parametrize("blocks", range(1, 9))
@pytest.mark.parametrize("replicas", [1, 3])
def test_a_run_that_was_cut_off_ends_with_the_same_bits(blocks, replicas):
    settings = replace(SMALL, replicas=replicas)
    with TemporaryDirectory() as folder:
        cut_off(settings, blocks, path := Path(folder) / "checkpoint.safetensors")
        assert bits(to_the_end(resumed(path))) == bits(to_the_end(started(settings)))


def test_a_checkpoint_between_two_epochs_goes_on_with_the_same_bits(tmp_path):
    run = started()
    run.run_epoch(lambda: None)
    (saving := Saving(run, tmp_path, seconds=0)).save()
    assert bits(to_the_end(resumed(saving.path))) == bits(to_the_end(run))


def test_it_is_saved_when_it_is_due(tmp_path):
    never, always = (Saving(started(), tmp_path / name, seconds) for name, seconds in (("a", 1e9), ("b", 0.0)))
    for saving in (never, always):
        saving.path.parent.mkdir()
        saving.save_if_due()
    assert (never.path.exists(), always.path.exists()) == (False, True)


def test_the_checkpoint_of_another_network_is_refused(tmp_path):
    (saving := Saving(started(), tmp_path, 0)).save()
    other = started(replace(SMALL, hidden=(5, 3)))
    with pytest.raises(CheckpointError, match="--hidden"):
        state.restore(other, load(saving.path), saving.path)


NO_SETTINGS = [{}, {"settings": 3}, {"settings": {"hidden": [3], "eta": -1}}, {"settings": {"a": 1}}]


@pytest.mark.parametrize("facts", NO_SETTINGS, ids=str)
def test_a_checkpoint_without_settings_is_refused(facts, tmp_path):
    with pytest.raises(CheckpointError, match="holds no settings"):
        state.settings_of(Checkpoint({}, facts), tmp_path)


def costs_alone(run, found):
    if not found.isfinite().all():
        raise Diverged(8, 1)


def finite(run):
    """After every block, when it may be saved."""
    assert all(p.isfinite().all() for p in run.net.parameters())


@catches("nobody looks", "training.Training._check", lambda *_: None, poisoned=7, told_at=8)
@catches("the costs alone", "training.Training._check", costs_alone, poisoned=8, told_at=8)
@pytest.mark.parametrize(("poisoned", "told_at"), [(7, 8), (8, 8), (1, 2), (11, 11)])
def test_a_run_that_is_no_longer_finite_stops_at_the_step(poisoned, told_at):
    """What a step makes of the parameters shows in the cost of the next, or at the end of a block of four."""
    run = started()
    steps = iter(range(1, 100))

    def broken(self, rows):
        found = step(self, rows)
        if next(steps) == poisoned:
            self.net.weights[0].data[1] = torch.nan
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Training, "_step", broken)
        with pytest.raises(Diverged) as told:
            run.run_epoch(lambda: finite(run))
    assert (told.value.step, told.value.replica) == (told_at, 1)


NO_END = replace(SMALL, epochs=100)
ENDS = {
    "not yet": (replace(SMALL, epochs=3), [[0.1], [0.2]], None),
    "all epochs": (replace(SMALL, epochs=2), [[0.1], [0.2]], "2 epochs done"),
    "target": (replace(NO_END, target=0.9), [[0.9]], "the target of 90.00% on validation data is reached"),
    "target of one of two": (replace(NO_END, target=0.9), [[0.95, 0.89]], None),
    "patience": (replace(NO_END, patience=2), [[0.5], [0.4], [0.5]], "has not improved for 2 epochs"),
    "patience of 1": (replace(NO_END, patience=1), [[0.5], [0.5]], "has not improved for 1 epoch"),
    "improved": (replace(NO_END, patience=2), [[0.5], [0.4], [0.6]], None),
    "one of two improves": (replace(NO_END, patience=1), [[0.5, 0.5], [0.4, 0.6]], None),
    "nothing yet": (replace(NO_END, patience=1), [], None),
}


@catches("patience forgotten", "stop._epochs_since_best", lambda _: 0, name="patience")
@pytest.mark.parametrize("name", ENDS)
def test_it_stops_when_it_should(name):
    settings, validation, why = ENDS[name]
    found = reason_to_stop(settings, validation)
    assert (found is None) if why is None else (found is not None and why in found)


WRONG = {
    "hidden": ((0,), "--hidden"),
    "epochs": (0, "--epochs is 0"),
    "batch_size": (-1, "--batch-size is -1"),
    "replicas": (0, "--replicas is 0"),
    "patience": (0, "--patience is 0"),
    "limit": (0, "--limit is 0"),
    "eta": (float("nan"), "--eta is nan"),
    "seed": (-1, "--seed is -1"),
    "target": (95, "give a part of 1 such as 0.95"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_setting_that_cannot_be_is_one_sentence(name):
    value, sentence = WRONG[name]
    with pytest.raises(SettingsError, match=sentence):
        replace(SMALL, **{name: value})


def test_an_eta_that_the_dtype_cannot_hold_is_refused():
    with pytest.raises(SettingsError, match="float32 cannot hold"):
        Settings(eta=1e39)
    assert Settings(eta=1e39, dtype="float64").eta == 1e39


def test_settings_survive_their_way_through_a_file():
    assert Settings.of(SMALL.as_dict()) == SMALL
