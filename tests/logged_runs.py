"""Runs on random images, what they tell their listeners, what TensorBoard reads of their logs, and faults to plant."""

from __future__ import annotations

import tempfile
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import STORE_EVERYTHING_SIZE_GUIDANCE, EventAccumulator
from tensorboard.plugins.hparams import metadata

from compare.problem import Problem
from compare.report.tensorboard import TensorBoardLog
from compare.run import Run
from compare.side import ScratchSide
from torch_ref.data import Dataset, Examples
from torch_ref.events import Events

PROBLEM = Problem(hidden=(7,), epochs=2, batch_size=10, limit=50)  # a block of 5 steps in each epoch
SIDES, SETS = ("scratch", "torch_ref"), ("training", "validation", "test")


def examples(n):
    rng = np.random.default_rng(n)
    return Examples(rng.integers(0, 256, (n, 784), np.uint8), rng.integers(0, 10, n, np.uint8))


DATA = Dataset("random", examples(50), examples(30), examples(20))


class Recorder:
    """A second listener: it keeps what a run tells, and can tell it again."""

    def __init__(self):
        self.calls, self.trained_at, self.checked_at, self.evaluated_at = [], {}, {}, {}

    def start(self, total_steps, net, x):
        self.calls.append(("start", total_steps, net, x))

    def trained(self, step, scratch, torch_ref, drift):
        self.latest = deepcopy({"scratch": scratch, "torch_ref": torch_ref})
        self.calls.append(("trained", step, *self.latest.values(), drift))
        self.trained_at[step] = self.latest, drift

    def checked(self, step, ratios):
        self.calls.append(("checked", step, deepcopy(ratios)))
        self.checked_at[step] = {f"ratio/{key.name}[{key.layer}]": r.max() for key, r in ratios.items()}

    def evaluated(self, step, epoch, evaluations):
        self.calls.append(("evaluated", step, epoch, dict(evaluations)))
        self.evaluated_at[step] = self.latest, dict(evaluations)

    def close(self):
        self.calls.append(("close",))

    def tell_again(self, listener):
        for method, *told in self.calls:
            getattr(listener, method)(*told)


class Deaf:
    """A listener that does nothing."""

    def start(self, total_steps, net, x):
        pass

    def trained(self, step, scratch, torch_ref, drift):
        pass

    def checked(self, step, ratios):
        pass

    def evaluated(self, step, epoch, evaluations):
        pass

    def close(self):
        pass


class At(Deaf):
    """A listener that does something in the block that ends at that step."""

    def __init__(self, step, act):
        self.step, self.act = step, act

    def trained(self, step, scratch, torch_ref, drift):
        if step == self.step:
            self.act()


def run(*listeners):
    """A run whose scratch side learns faster, so that the sides can be told apart."""
    faster = ScratchSide(PROBLEM.start(), PROBLEM.quadratic_cost, 5 * PROBLEM.eta)
    Run(PROBLEM, DATA, listeners, faster).go()


@cache
def recorded():
    """What such a run tells its listeners."""
    run(recorder := Recorder())
    return recorder


def read(folder):
    """What TensorBoard reads from each folder below."""
    found = {path.name: EventAccumulator(str(path), STORE_EVERYTHING_SIZE_GUIDANCE) for path in folder.iterdir()}
    for accumulator in found.values():
        accumulator.Reload()
    return found


def logged(every=1):
    """The logs of the run that was recorded, folder by folder, and the recorder."""
    with tempfile.TemporaryDirectory() as folder:
        recorded().tell_again(TensorBoardLog(Path(folder), PROBLEM, every))
        return recorded(), read(Path(folder))


def lists(accumulator):
    """The tags of each kind of data that has a list of them."""
    return {kind: tags for kind, tags in accumulator.Tags().items() if isinstance(tags, list)}


def table(accumulator):
    """What the HPARAMS table knows of the run: its settings, the tags of its metrics, and whether it has ended."""
    content = accumulator.PluginTagToContent("hparams")
    settings = metadata.parse_session_start_info_plugin_data(content["_hparams_/session_start_info"]).hparams
    experiment = metadata.parse_experiment_plugin_data(content["_hparams_/experiment"])
    settings = {name: value.string_value or value.number_value for name, value in settings.items()}
    return settings, {m.name.tag for m in experiment.metric_infos}, "_hparams_/session_end_info" in content


def curve(accumulator, tag):
    """Its values at their steps."""
    assert tag in lists(accumulator)["scalars"]
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
    evaluated(
        log, step, epoch, {k: replace(e, scratch=e.torch_ref, torch_ref=e.scratch) for k, e in evaluations.items()}
    )


def forgets(tag):
    """A fault: one side does not log that curve, or that histogram."""

    def scalars(self, values, step):
        write_scalars(self, {k: v for k, v in values.items() if (k, Path(self.log_dir).name) != (tag, "scratch")}, step)

    return scalars


def forgets_biases(self, tag, values, step):
    """A fault: one side has no histogram of its biases."""
    if not (tag.startswith("biases") and self.log_dir.endswith("torch_ref")):
        write_histogram(self, tag, values, step)


trained, evaluated = TensorBoardLog.trained, TensorBoardLog.evaluated
write_scalars, write_histogram, write_graph = Events.scalars, Events.histogram, Events.graph
write_hyperparameters = Events.hyperparameters
