"""Whole runs: correct code matches to the end, and one wrong step is found at its number, counted from 0."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from mistakes import MISTAKES, RAGGED
from plain import from_step
from planted import faults
from tiny_runs import dataset, plain, small, trained

from compare.problem import Problem, ProblemError
from compare.run import Run
from compare.side import ScratchSide
from compare.verdict import Outcome, locate
from scratch.cost import one_hot

catches, test_a_planted_fault_is_caught = faults("compare")
both_dtypes = pytest.mark.parametrize("dtype", ["float32", "float64"])
both_sides = pytest.mark.parametrize("name", ["scratch", "plain"])
STEP = 137  # of 143, in the third block of 64


class Watch:
    """A side, and what it was given."""

    def __init__(self, side):
        self.side, self.given = side, []

    def advance(self, block):
        self.given += [(x.copy(), y.copy()) for x, y in zip(block.x, block.y, strict=True)]
        return self.side.advance(block)


class Forgets(ScratchSide):
    """Starts every block anew: what it has learnt is lost."""

    def advance(self, block):
        start = self.current.vector.copy()
        taken = super().advance(block)
        self.current.vector[:] = start
        return taken


class StartsElsewhere(ScratchSide):
    """Its first weights are not the problem's."""

    def __init__(self, start, cost, eta):
        super().__init__(start, cost, eta)
        self.current.vector *= 0.5


class EditsItsInputs(ScratchSide):
    """Centres the pixels of its mini-batch where they lie."""

    def advance(self, block):
        block.x[:] -= 0.5
        return super().advance(block)


def shrinking(blocks):
    """Only the smaller mini-batches, from the second epoch on."""

    def wrong(self, training):
        return (found for found in blocks(self, training) if found[0] == 1 or found[1].x.shape[1] < self.batch_size)

    return wrong


def repeating(blocks):
    """The first epoch, again and again."""

    def wrong(self, training):
        once = replace(self, epochs=1)
        return ((epoch, block) for epoch in range(1, self.epochs + 1) for _, block in blocks(once, training))

    return wrong


@catches(
    "whole mini-batches in the first epoch only",
    "problem.Problem.blocks",
    shrinking(Problem.blocks),
    name="plain",
    dtype="float64",
)
@both_sides
@both_dtypes
def test_correct_code_matches_in_every_step_of_several_epochs_with_ragged_mini_batches(dtype, name):
    problem = small(epochs=4, batch_size=10, dtype=dtype)
    report = trained(problem, 103, plain(problem) if name == "plain" else None)
    assert report.verdict.outcome is Outcome.MATCH, str(report.verdict.first_divergence)
    assert report.verdict.steps_checked == report.total_steps == 4 * 11
    assert report.verdict.worst_ratio <= 0.75
    assert len(report.epochs) == 4


@catches("whole mini-batches in the first epoch only", "problem.Problem.blocks", shrinking(Problem.blocks))
@catches("labels of other examples", "problem.one_hot", lambda labels, *rest: one_hot(labels[::-1], *rest))
@catches("the same order in each epoch", "problem.Problem.blocks", repeating(Problem.blocks))
def test_each_epoch_gives_every_example_once_in_mini_batches_of_m_and_what_is_left():
    problem, data = small(epochs=3, batch_size=10), dataset(103)
    watch = Watch(plain(problem))
    Run(problem, data, side=watch).go()
    assert [len(x) for x, _ in watch.given] == 3 * [*10 * [10], 3]
    every = sorted(zip(map(tuple, data.training.images / 255), data.training.labels, strict=True))
    epochs = [watch.given[i : i + 11] for i in (0, 11, 22)]
    for epoch in epochs:
        given = [(tuple(pixels), label) for x, y in epoch for pixels, label in zip(x, y.argmax(axis=1), strict=True)]
        assert sorted(given) == every
    assert not np.array_equal(epochs[0][0][0], epochs[1][0][0])


def last_step(key, step, *arrays):
    found = locate(key, step, *arrays)
    return found and replace(found, step=step // 64 * 64)


@catches("the block's first step told", "judge.locate", last_step, name="∇w transposed", dtype="float64", steps=[STEP])
@pytest.mark.parametrize(
    ("name", "dtype", "steps"),
    [
        pytest.param("σ′ left out of BP1", "float32", [STEP], id="σ′ left out of BP1 in that step only, float32"),
        pytest.param(
            "W updated before the error goes down", "float64", from_step(STEP), id="W updated early, from it on"
        ),
        pytest.param("∇w transposed", "float64", [STEP], id="∇w transposed in that step only"),
        pytest.param("b not updated", "float32", from_step(STEP), id="b not updated from that step on, float32"),
    ],
)
def test_a_mistake_in_step_137_is_found_in_step_137_at_its_equation_and_layer(name, steps, dtype):
    problem, mistake = small(hidden=(4, 4), dtype=dtype), MISTAKES[name]
    layer = mistake.layers(problem.sizes)[-1]
    found = trained(problem, 713, plain(problem, mistake, layer, steps)).verdict
    first = found.first_divergence
    assert found.outcome is Outcome.MISMATCH
    assert (first.step, first.key.layer) == (STEP, layer)
    assert mistake.equation in (first.key.equation, first.key.name)
    assert found.steps_checked == 143


def test_a_run_that_ends_before_the_mistake_matches():
    problem = small()
    found = trained(problem, STEP * 5, plain(problem, MISTAKES["∇w summed"], None, from_step(STEP))).verdict
    assert (found.outcome, found.steps_checked) == (Outcome.MATCH, STEP)


@pytest.mark.parametrize("name", RAGGED)
def test_a_ragged_mini_batch_that_is_misweighted_is_found_at_its_step(name):
    problem = small(epochs=2, batch_size=10)
    found = trained(problem, 103, plain(problem, RAGGED[name])).verdict
    assert (found.outcome, found.first_divergence.step) == (Outcome.MISMATCH, 10)
    assert found.first_divergence.key.equation == RAGGED[name].equation


@pytest.mark.parametrize("side", [Forgets, StartsElsewhere])
def test_steps_that_do_not_follow_one_on_another_are_a_mismatch(side):
    problem = small()
    found = trained(problem, side=side(problem.start(), problem.quadratic_cost, problem.eta)).verdict
    assert found.outcome is Outcome.MISMATCH
    assert found.first_divergence.step == (64 if side is Forgets else 0)
    assert found.first_divergence.key.equation == "SGD"


def test_a_side_cannot_edit_the_inputs_that_the_reference_sees():
    problem = small()
    with pytest.raises(ValueError, match="read-only"):
        trained(problem, side=EditsItsInputs(problem.start(), problem.quadratic_cost, problem.eta))


@pytest.mark.parametrize("m", [1, 200])
@pytest.mark.parametrize("eta", [1.2e-38, 2e-37, 1e-30, 1e30, 1e38, 3.4e38])
def test_no_eta_that_float32_holds_makes_correct_code_a_mismatch(eta, m):
    with suppress(ProblemError):  # or it is refused
        found = trained(small(eta=eta, dtype="float32", batch_size=m), 3 * m).verdict
        assert found.outcome is not Outcome.MISMATCH, str(found.first_divergence)
