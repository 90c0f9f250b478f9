"""The reference's own training: its optimiser is checked, and how far it drifts is shown, never judged."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
import torch
from mistakes import MISTAKES
from planted import faults
from tiny_runs import late, plain, small, trained

from compare.drift import Drift
from compare.reference import Reference
from compare.trace import Trace, Weights
from compare.verdict import Outcome
from torch_ref.trainer import Trainer

catches, test_a_planted_fault_is_caught = faults("compare")
WRONG_RULES = {
    "η off by 1e-9": {"lr": 0.5 * (1 + 1e-9)},
    "η is NaN": {"lr": float("nan")},
    "momentum": {"lr": 0.5, "momentum": 0.9},
    "weight decay": {"lr": 0.5, "weight_decay": 1e-9},
    "uphill": {"lr": 0.5, "maximize": True},
}


def mistuned(name):
    """Inside, the reference trains with that rule."""
    return mock.patch("compare.free_run.Trainer", type("Mistuned", (Mistuned,), {"rule": WRONG_RULES[name]}))


class Mistuned(Trainer):
    """A trainer whose optimiser has another rule."""

    rule: dict

    def __init__(self, *arrays, **settings):
        super().__init__(*arrays, **settings)
        self.optimizer = torch.optim.SGD(self.net.parameters(), **self.rule)


@catches("the optimiser's steps not looked at", "ratio.Comparison._sgd", lambda *_: np.zeros(1), name="momentum")
@pytest.mark.parametrize("name", WRONG_RULES)
def test_an_optimiser_with_another_rule_is_a_mismatch_of_the_expected_side(name):
    with mistuned(name):
        verdict = trained(small(), 353).verdict
    assert verdict.outcome is Outcome.MISMATCH
    first = verdict.first_divergence
    assert first.key.equation == "SGD"
    assert (first.step == 0) == (name != "momentum"), "in its first step it has none yet"
    assert "expected side" in verdict.first_divergence.problem


class Accumulating(Trainer):
    """A trainer that forgets to set its gradients to zero before the next step."""

    def __init__(self, *arrays, **settings):
        super().__init__(*arrays, **settings)
        self.optimizer.zero_grad = lambda: None


class OffByAHair(Trainer):
    """A trainer whose gradient of one bias is wrong by 1e-9 of it."""

    def read_gradients(self):
        nabla_w, nabla_b = super().read_gradients()
        nabla_b[1][2] *= 1 + 1e-9
        return nabla_w, nabla_b


WRONG_GRADIENTS = {"accumulated": (Accumulating, "BP3", 3), "off by 1e-9": (OffByAHair, "BP3", 2)}


@catches("its gradients not looked at", "ratio.Comparison._ratio", lambda *_: np.zeros(1), name="accumulated")
@pytest.mark.parametrize("name", WRONG_GRADIENTS)
def test_a_wrong_gradient_in_torchs_own_training_is_a_mismatch_of_the_expected_side(name):
    trainer, equation, layer = WRONG_GRADIENTS[name]
    with mock.patch("compare.free_run.Trainer", trainer):
        verdict = trained(small(), 353).verdict
    assert verdict.outcome is Outcome.MISMATCH
    assert (verdict.first_divergence.key.equation, verdict.first_divergence.key.layer) == (equation, layer)
    assert "expected side" in verdict.first_divergence.problem


class LaterUphill(Trainer):
    """A trainer that is right in its first step only."""

    def step(self, x, y):
        cost = super().step(x, y)
        self.optimizer.param_groups[0]["maximize"] = True
        return cost


def test_a_mistake_before_the_optimisers_is_named_first_however_late_the_judge_is():
    """The optimiser is looked at in the last step of the block, and before the block is judged."""
    problem = small()
    with mock.patch("compare.free_run.Trainer", LaterUphill):
        first = late(problem, plain(problem, MISTAKES["∇w summed"], None, [10])).first_divergence
    assert (first.step, first.key.equation) == (10, "BP4")


class TorchSide:
    """torch's own training in the place of the hand-written network."""

    def __init__(self, problem):
        start, cost = problem.start(), problem.quadratic_cost
        self.trainer = Trainer(start.weights, start.biases, eta=problem.eta, factor=cost.factor)
        self.reference = Reference(problem.sizes, cost.factor, np.dtype(problem.dtype))

    def advance(self, block):
        x, y = torch.tensor(block.x), torch.tensor(block.y)
        steps = [self._take(x[k], y[k]) for k in range(len(x))]
        return joined(Weights, [before for before, _ in steps]), joined(Trace, [trace for _, trace in steps])

    def _take(self, x, y):
        before = self._now()
        trace = self.reference.trace(before, x[None].numpy(), y[None].numpy())
        self.trainer.step(x, y)
        trace.nabla_w, trace.nabla_b = ([g[None] for g in layers] for layers in self.trainer.read_gradients())
        trace.after = self._now()
        return before, trace

    def _now(self):
        weights, biases = self.trainer.net.read_arrays()
        return Weights([w[None] for w in weights], [b[None] for b in biases])


def joined(kind, steps):
    """One trace of K steps, of K traces of one."""

    def join(values):
        if isinstance(values[0], list):
            return [np.concatenate(layer) for layer in zip(*values, strict=True)]
        return joined(Weights, values) if isinstance(values[0], Weights) else np.concatenate(values)

    names = [name for name in kind.__dataclass_fields__ if name != "scale"]
    return kind(**{name: join([getattr(step, name) for step in steps]) for name in names})


@catches("distance to 0", "drift.norm", lambda arrays: 1.0, dtype="float64")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_two_runs_of_the_same_operations_match_and_do_not_drift(dtype):
    problem = small(dtype=dtype)
    report = trained(problem, 153, TorchSide(problem))
    assert report.verdict.outcome is Outcome.MATCH, str(report.verdict.first_divergence)
    assert set(report.drift.distances) == {0.0}
    assert report.drift.horizon is None


@catches("a horizon that nobody sees", "drift.Drift.horizon", property(lambda _: None, lambda *_: None), name="scratch")
@pytest.mark.parametrize("name", ["scratch", "plain"])
def test_chaotic_runs_of_correct_code_drift_apart_with_a_horizon_and_still_match(name):
    problem = small(hidden=(30,), epochs=2, eta=20.0, dtype="float32")
    report = trained(problem, 507, plain(problem) if name == "plain" else None)
    assert report.verdict.outcome is Outcome.MATCH, str(report.verdict.first_divergence)
    assert report.drift.steps == [64, 101, 102, 166, 203, 204]
    assert max(report.drift.distances) > 1e-3
    assert report.drift.horizon in report.drift.steps


def test_the_drift_of_chaotic_runs_grows():
    problem = small(hidden=(30,), epochs=2, eta=20.0)
    drift = trained(problem, 507).drift
    assert drift.last > 100 * drift.distances[0] > 0


def test_calm_runs_have_no_horizon():
    drift = trained(small(dtype="float32")).drift
    assert 0 < drift.last < 1e-5
    assert drift.horizon is None


@catches("the horizon is forgotten", "drift.Drift.horizon", property(lambda _: None, lambda *_: None))
def test_the_horizon_is_the_first_sample_that_is_further_apart_than_a_step_is_long():
    drift, w = Drift(), np.array([3.0, 4.0])
    for step, apart in ((10, 0.0), (20, 0.1), (30, 0.3), (40, 0.1), (50, 0.4)):
        assert drift.add(step, [w + np.array([apart, 0])], [w], step_length=0.2) == pytest.approx(apart / 5)
    assert (drift.horizon, drift.steps) == (30, [10, 20, 30, 40, 50])
