"""Whole runs on tiny random data, and sides and listeners for them."""

from __future__ import annotations

from threading import Event

import numpy as np
from plain import ALWAYS, PlainSide

from compare.problem import Problem
from compare.run import Report, Run
from compare.verdict import Verdict
from torch_ref.data import Dataset, Examples

N_INPUTS = 6


def examples(n: int, rng: np.random.Generator, n_inputs: int = N_INPUTS) -> Examples:
    """Images of uniform noise, and labels that have nothing to do with them."""
    images = rng.integers(0, 256, (n, n_inputs), dtype=np.uint8)
    return Examples(images, rng.integers(0, 10, n, dtype=np.uint8))


def dataset(n: int, n_inputs: int = N_INPUTS) -> Dataset:
    """So many training examples, and 20 of each other kind."""
    rng = np.random.default_rng(n)
    return Dataset("random", *(examples(size, rng, n_inputs) for size in (n, 20, 20)))


def small(**settings) -> Problem:
    """203 steps in the three blocks and the ragged mini-batch of an epoch, with ``trained``'s 1013 examples."""
    usual = {"hidden": (5, 4), "epochs": 1, "batch_size": 5, "eta": 0.5, "n_inputs": N_INPUTS}
    return Problem(**(usual | settings))


def trained(problem: Problem, n: int = 1013, side=None, listeners=()) -> Report:
    """The report of a run on n examples; without a side, of ``scratch``."""
    return Run(problem, dataset(n, problem.n_inputs), listeners, side).go()


def plain(problem: Problem, mistake=None, layer=None, steps=ALWAYS, n: int = 1013) -> PlainSide:
    """The plain network, at the problem's start."""
    return PlainSide(problem.start(), problem.quadratic_cost, problem.eta, mistake, layer, steps, n)


def late(problem: Problem, side=None) -> Verdict:
    """The verdict of a judge that begins with each block when all is done that a run does before it waits for it."""
    run, awaited = Run(problem, dataset(1013, problem.n_inputs), side=side), Event()
    judge, collect = run.judge.block, run._collect

    def judge_late(*block):
        assert awaited.wait(60)
        awaited.clear()
        return judge(*block)

    def collect_and_tell(step, pending):
        if not pending.done():
            awaited.set()
        collect(step, pending)

    run.judge.block, run._collect = judge_late, collect_and_tell
    run.go()
    return run.report.verdict
