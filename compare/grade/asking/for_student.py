"""The questions for one student: every case that a check asks about, worked out beforehand from the student's seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compare.check.cases import cases
from compare.check.elementwise import Z
from compare.check.extremes import moderate
from compare.check.kept import alike
from compare.check.readings import Reading
from compare.diagnosis.case import Case
from compare.diagnosis.probes import random_case
from compare.grade.asking.questions import Questions
from compare.submission.conventions import Conventions

WALK = 5  # steps of the trajectory


def questions_for(stated: Conventions, seed: int, L: int, strict: bool, alone: bool = False) -> Questions:
    """All questions of one seed, in networks of L layers of weights; ``alone``: of a trajectory of single examples."""
    reading, biased = Reading.stated(stated), stated.biases != "none"
    asked = cases(seed, L, reading, "float64", biased, large=False)
    batch = asked["batch"]
    every = [*asked.values(), batch, *alike(batch).values()]
    return Questions(stated.mapping, strict, _zs(), every, _walk(seed, batch, 1 if alone else batch.m))


def _zs() -> list[np.ndarray]:
    """All z; and for code that breaks off at extreme ones, the moderate ones, and each other by itself."""
    near = moderate(Z)
    return [Z, Z[near], *(Z[k : k + 1] for k in np.flatnonzero(~near))]


def _walk(seed: int, batch: Case, m: int) -> list[Case]:
    """Cases with the same parameters and other mini-batches, of m examples."""
    rng = np.random.default_rng([seed, batch.L, 2])
    made = [random_case(rng, batch.sizes, m, eta=0.3) for _ in range(WALK)]
    return [replace(batch, x=case.x, y=case.y, eta=case.eta) for case in made]
