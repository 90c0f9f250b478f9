"""A run judges one block while the next is made: nothing of one gets into the other, however late the judge is."""

from __future__ import annotations

from functools import cache
from itertools import repeat
from unittest import mock

import numpy as np
import pytest
from mistakes import MISTAKES
from planted import faults
from tiny_runs import dataset, late, plain, small, trained

from compare.problem import Problem
from compare.run import Run
from compare.side import Block
from compare.verdict import Outcome

catches, test_a_planted_fault_is_caught = faults("compare")
MEMORY = {}


def one_block_of_each_shape(*shape):
    """A block, and the same one again when the next of that shape is asked for."""
    return MEMORY.setdefault(str(shape), Block(*shape))


def only_the_first(recorders):
    return repeat(recorders[0])


@catches("one memory for the inputs of all blocks", "problem.Block", one_block_of_each_shape)
@catches("one memory for the traces of all blocks", "side.cycle", only_the_first)
def test_a_judge_that_is_late_by_a_whole_block_sees_what_it_was_given():
    verdict = late(small())
    assert verdict.outcome is Outcome.MATCH, str(verdict.first_divergence)
    assert verdict.steps_checked == 203


@cache
def in_blocks_of(steps, name=None):
    """The report of 21 steps, with that mistake in step 17; the last mini-batch is ragged."""
    problem = small(hidden=(6, 6), batch_size=2)
    with mock.patch("compare.problem.BLOCK_STEPS", steps):
        return trained(problem, 41, plain(problem, MISTAKES.get(name), 2, [17]))


@pytest.mark.parametrize("steps", [1, 7])
def test_smaller_blocks_give_the_same_verdict_and_the_same_training_as_blocks_of_64(steps):
    found, same = in_blocks_of(steps), in_blocks_of(64)
    assert found.verdict.outcome is same.verdict.outcome is Outcome.MATCH
    assert found.verdict.steps_checked == same.verdict.steps_checked == 21
    assert found.drift.last == same.drift.last
    assert len(found.drift.steps) == -(-20 // steps) + 1


@pytest.mark.parametrize("steps", [1, 7])
@pytest.mark.parametrize("name", ["∇w transposed", "b the wrong way"])
def test_smaller_blocks_find_the_same_divergence_as_blocks_of_64(name, steps):
    found, same = (in_blocks_of(size, name).verdict.first_divergence for size in (steps, 64))
    assert (found.step, found.key, found.index, found.actual) == (same.step, same.key, same.index, same.actual)
    assert (found.step, found.key.layer) == (17, 2)


class Interrupted:
    """A side, until someone presses Ctrl-C in its third block; and a listener that knows if it was closed."""

    def __init__(self, side):
        self.side, self.blocks, self.closed = side, 0, False

    def advance(self, block):
        self.blocks += 1
        if self.blocks == 3:
            raise KeyboardInterrupt
        return self.side.advance(block)

    def close(self):
        self.closed = True

    def start(self, *_):
        """Not looked at, as all that follows."""

    trained = checked = evaluated = start


@pytest.mark.parametrize(("mistake", "outcome"), [(None, Outcome.MATCH), ("∇w summed", Outcome.MISMATCH)])
def test_an_interrupted_run_reports_what_was_checked_until_then(mistake, outcome):
    problem = small()
    side = Interrupted(plain(problem, MISTAKES.get(mistake), None, [100]))
    report = trained(problem, side=side, listeners=[side])
    assert report.interrupted
    assert side.closed
    assert (report.verdict.steps_checked, report.total_steps) == (128, 203)
    assert report.verdict.outcome is outcome


class Overflowing(Problem):
    """Its first two weights are so large that z is not finite where both of their pixels are bright."""

    def start(self):
        parameters = super().start()
        parameters.weights[0][:, :2] = np.finfo(self.dtype).max
        return parameters


@catches("a step that is not finite taken for fine", "verdict.Verdict.outcome", Outcome.MATCH, dtype="float32")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_that_is_no_longer_finite_ends_and_tells_the_step(dtype):
    problem = Overflowing(hidden=(5, 4), epochs=1, batch_size=5, eta=0.5, n_inputs=6, dtype=dtype)
    data = dataset(1013)
    data.training.images[:, :2] = 0
    data.training.images[problem._rng(1).permutation(1013)[5 * 100 + 3], :2] = 255  # the fourth example of step 100
    with np.errstate(all="ignore"):
        report = Run(problem, data).go()
    assert (report.verdict.diverged_at, report.verdict.first_divergence) == (100, None)
    assert report.verdict.steps_checked < report.total_steps
    assert report.verdict.outcome is Outcome.INCONCLUSIVE
