"""TensorBoard's own reader finds in the logs what the run told its listeners; checks of it reject planted faults."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import warnings
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from planted import faults
from tensorboard.backend.event_processing.event_accumulator import STORE_EVERYTHING_SIZE_GUIDANCE, EventAccumulator
from tensorboard.plugins.hparams import metadata
from torch.utils.tensorboard import SummaryWriter

import compare.report.tensorboard as log_module
from compare.data import Dataset, Examples
from compare.problem import Problem
from compare.report import events, pictures
from compare.report.events import Events
from compare.report.folder import LogError, new_run_folder
from compare.report.tensorboard import TensorBoardLog
from compare.run import Run
from compare.side import ScratchSide
from compare.trace import keys
from torch_ref.network import SigmoidMLP

catches, test_a_planted_fault_is_caught = faults("compare.report")
PROBLEM = Problem(hidden=(7,), epochs=2, batch_size=10, limit=230)
SIDES, SETS = ("scratch", "torch_ref"), ("training", "validation", "test")


def examples(n):
    rng = np.random.default_rng(n)
    return Examples(rng.integers(0, 256, (n, 784), np.uint8), rng.integers(0, 10, n, np.uint8))


DATA = Dataset("random", examples(230), examples(60), examples(50))


class Recorder:
    """A second listener: it keeps what a run tells."""

    def __init__(self):
        self.trained_at, self.checked_at, self.evaluated_at = {}, {}, {}

    def start(self, total_steps, net, x):
        self.net = net

    def trained(self, step, scratch, torch_ref, drift):
        self.latest = {"scratch": scratch, "torch_ref": torch_ref}
        self.trained_at[step] = deepcopy(self.latest), drift

    def checked(self, step, ratios):
        self.checked_at[step] = {f"ratio/{key.name}[{key.layer}]": r.max() for key, r in ratios.items()}

    def evaluated(self, step, epoch, evaluations):
        self.evaluated_at[step] = deepcopy(self.latest), dict(evaluations)

    def close(self):
        self.closed = True


class Deaf:
    """A listener that does nothing."""

    start = trained = checked = evaluated = close = lambda *told: None


def run(folder, *others, problem=PROBLEM, every=1):
    """A run of a scratch side that learns faster, so that the sides can be told apart; the log, and what it was told."""
    log, recorder = TensorBoardLog(folder, problem, every), Recorder()
    faster = ScratchSide(problem.start(), problem.quadratic_cost, 1.25 * problem.eta)
    Run(problem, DATA, [log, recorder, *others], faster).go()
    return recorder


def read(folder):
    """What TensorBoard reads from each folder below."""
    found = {path.name: EventAccumulator(str(path), STORE_EVERYTHING_SIZE_GUIDANCE) for path in folder.iterdir()}
    for accumulator in found.values():
        accumulator.Reload()
    return found


def logged(*others, **options):
    """Run, and read the logs: what a second listener was told, and the three folders."""
    with tempfile.TemporaryDirectory() as folder:
        recorder = run(Path(folder), *others, **options)
        return recorder, read(Path(folder))


def curve(accumulator, tag):
    """Its values at their steps."""
    points = accumulator.Scalars(tag)
    assert len({p.step for p in points}) == len(points)
    return {p.step: p.value for p in points}


def near(values):
    """As TensorBoard keeps them, in float32."""
    return pytest.approx(values, rel=1e-6, abs=1e-30, nan_ok=True)


def told_before(method):
    """A fault: the method is told of the step before the one that it is told of."""
    right = getattr(TensorBoardLog, method)
    return lambda log, step, *told: right(log, step - 1, *told)


def swapped(log, step, scratch, torch_ref, drift):
    """A fault: each side under the other's name."""
    trained(log, step, torch_ref, scratch, drift)


def swapped_scores(log, step, epoch, evaluations):
    """A fault: each side's accuracy under the other's name."""
    evaluated(log, step, epoch, {k: replace(e, scratch=e.torch_ref, torch_ref=e.scratch) for k, e in evaluations.items()})


def forgets(tag):
    """A fault: one side does not log that curve, or that histogram."""

    def scalars(self, values, step):
        write_scalars(self, {k: v for k, v in values.items() if (k, Path(self.log_dir).name) != (tag, "scratch")}, step)

    return scalars


def forgets_biases(self, tag, values, step):
    """A fault: one side has no histogram of its biases."""
    if not (tag.startswith("biases") and self.log_dir.endswith("torch_ref")):
        write_histogram(self, tag, values, step)


trained, evaluated, start = TensorBoardLog.trained, TensorBoardLog.evaluated, TensorBoardLog.start
write_scalars, write_histogram, write_picture, write_graph = Events.scalars, Events.histogram, Events.picture, Events.graph


@catches("a curve on one side only", "events.Events.scalars", forgets("gradient norm/layer 2"))
@catches("a histogram on one side only", "events.Events.histogram", forgets_biases)
def test_both_sides_have_the_same_tags():
    _, folders = logged()
    assert set(folders) == {*SIDES, "compare"}
    ours, theirs = ({kind: set(tags) for kind, tags in lists(folders[side]).items()} for side in SIDES)
    assert ours == theirs
    assert ours["scalars"] == {
        "cost/mini-batch",
        *(f"{what}/{on}" for what in ("cost", "accuracy") for on in SETS),
        *(f"gradient norm/{layer}" for layer in ("layer 1", "layer 2", "all layers")),
    }
    assert ours["histograms"] == {
        f"{name}/layer {l}" for name in ("weights", "biases", "nabla_w", "nabla_b") for l in (1, 2)
    }
    assert ours["images"] == {"first layer/weights", "first layer/learned"}


def lists(accumulator):
    """The tags of each kind of data that has a list of them."""
    return {kind: tags for kind, tags in accumulator.Tags().items() if isinstance(tags, list)}


@catches("the docstring without the drift", "tensorboard.__doc__", log_module.__doc__.replace("drift/", "distance/"))
def test_every_tag_stands_in_the_docstring_of_the_module():
    _, folders = logged()
    tags = {tag for accumulator in folders.values() for kind in lists(accumulator).values() for tag in kind}
    assert len(tags) > 40
    for tag in tags - {"step1"}:  # the graph's own
        group, _, name = tag.partition("/")
        known = tag if group in ("final", "first layer", "drift") else f"{group}/"
        assert known in log_module.__doc__
        assert name in log_module.__doc__ or name[-2:] in (" 2", "1]", "2]")


@catches("the sides swapped", "tensorboard.TensorBoardLog.trained", swapped)
@catches("the step before", "tensorboard.TensorBoardLog.trained", told_before("trained"))
@catches("a curve forgotten", "events.Events.scalars", forgets("gradient norm/layer 2"))
@catches("the norm of the squares", "tensorboard.norm", lambda arrays: sum(float((a**2).sum()) for a in arrays))
def test_each_block_logs_cost_and_gradient_norms_of_each_side_at_its_step():
    recorder, folders = logged()
    assert list(recorder.trained_at) == [23, 46]
    for side in SIDES:
        moments = {step: moments[side] for step, (moments, _) in recorder.trained_at.items()}
        assert curve(folders[side], "cost/mini-batch") == near({step: m.cost for step, m in moments.items()})
        for name, layers in (("layer 1", [0]), ("layer 2", [1]), ("all layers", [0, 1])):
            norms = {
                step: np.linalg.norm([x for l in layers for x in (*m.nabla_w[l].ravel(), *m.nabla_b[l])])
                for step, m in moments.items()
            }
            assert curve(folders[side], f"gradient norm/{name}") == near(norms)
    drifts = {step: drift for step, (_, drift) in recorder.trained_at.items()}
    assert curve(folders["compare"], "drift/relative distance") == near(drifts)
    assert min(drifts.values()) > 1e-3  # the two sides do differ


@catches("the sides swapped", "tensorboard.TensorBoardLog.evaluated", swapped_scores)
@catches("the step before", "tensorboard.TensorBoardLog.evaluated", told_before("evaluated"))
@catches("a curve forgotten", "events.Events.scalars", forgets("accuracy/test"))
def test_each_epoch_logs_accuracy_and_cost_of_each_side_on_all_data():
    recorder, folders = logged()
    for on in SETS:
        found = {step: evaluations[on] for step, (_, evaluations) in recorder.evaluated_at.items()}
        for side in SIDES:
            for what in ("accuracy", "cost"):
                values = {step: getattr(getattr(e, side), what) for step, e in found.items()}
                assert curve(folders[side], f"{what}/{on}") == near(values)
        assert curve(folders["compare"], f"different digits/{on}") == {step: e.different for step, e in found.items()}


@catches("the latest in place of the largest", "tensorboard.largest", lambda old, r: float(r.max()), every=24)
@catches("the step before", "tensorboard.TensorBoardLog.checked", told_before("checked"))
@catches("all ratios of a block are lost", "tensorboard.TensorBoardLog._due", lambda *told: False, every=1)
def test_the_ratios_of_every_tensor_are_logged_and_the_largest_is_never_lost(every=1):
    recorder, folders = logged(every=every)
    tags = [f"ratio/{key.name}[{key.layer}]" for key in keys(2)]
    assert {tag for tag in lists(folders["compare"])["scalars"] if tag.startswith("ratio/")} == set(tags)
    for tag in tags:
        ratios = {step: found[tag] for step, found in recorder.checked_at.items()}
        points = ratios if every == 1 else {46: max(ratios.values())}
        assert curve(folders["compare"], tag) == near(points)


def test_ratios_between_the_samples_are_in_the_next_point():
    test_the_ratios_of_every_tensor_are_logged_and_the_largest_is_never_lost(every=24)


@catches("the other side's", "tensorboard.log_histograms", lambda events, moment, step: None)
@catches("a sample only", "events.Events.histogram", lambda e, tag, x, step: write_histogram(e, tag, x.ravel()[:9], step))
@catches("the step before", "tensorboard.TensorBoardLog.evaluated", told_before("evaluated"))
def test_histograms_are_those_of_the_parameters_and_gradients_at_the_end_of_each_epoch():
    recorder, folders = logged()
    for side in SIDES:
        for name in ("weights", "biases", "nabla_w", "nabla_b"):
            for l in (1, 2):
                found = {e.step: e.histogram_value for e in folders[side].Histograms(f"{name}/layer {l}")}
                assert list(found) == list(recorder.evaluated_at)
                for step, (moments, _) in recorder.evaluated_at.items():
                    values, h = getattr(moments[side], name)[l - 1], found[step]
                    assert (h.num, sum(h.bucket)) == (values.size, values.size)
                    assert (h.min, h.max, h.sum) == pytest.approx((values.min(), values.max(), values.sum()))
