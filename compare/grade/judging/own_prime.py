"""BP1 and BP2 of a file whose sigmoid_prime is wrong: do they hold with the values that it gives?

Those are asked for in a process of their own, at the z of the first case. With them in place of σ′ the derivation has
to give the student's own gradients.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from compare.check.readings import Reading, readings
from compare.check.subject import GRADIENT, SHOWN_BY
from compare.diagnosis.case import Case, Observed
from compare.diagnosis.derivation import Derivation, Planted
from compare.grade.asking.asked import Asked
from compare.grade.asking.questions import Questions
from compare.grade.judging.seen import Seen
from compare.key import find, tensor
from compare.submission.conventions import Conventions

CLOSE = 1e-12  # of the largest element: honest rounding takes 1e-15, and differences have 1e-11 at best


def goes_through(seen: Seen) -> bool:
    """Whether sigmoid_prime is wrong, and BP1 or BP2 is charged, which may call it."""
    wrong = {equation for equation, row in seen.rows.items() if row.verdict == "wrong"}
    return "σ′(z)" in wrong and bool({"BP1", "BP2"} & wrong)


def prime_asked(questions: Questions, form: Conventions) -> Questions:
    """For a new process: sigmoid_prime of every z of the first case."""
    zs = Derivation().observe(questions.cases[0]).trace.zs
    return questions.only(form, zs=[np.concatenate([z.ravel() for z in zs])])


def hold(asked: Asked, observed: Observed, stated: Reading) -> bool:
    """Whether the gradients that are shown of the first case are those of the derivation with these values."""
    values, _ = asked.recorded.call("sigmoid_prime", asked.questions.zs[0])
    if values is None:
        return False
    case = asked.questions.cases[0]
    layers = np.split(values, case.m * np.cumsum(case.sizes[1:-1]))
    own = [layer.reshape(case.m, -1) for layer in layers]
    return any(_fits(reading.case(case), observed, own) for reading in readings(stated, (1,)))


def _fits(case: Case, observed: Observed, own: Sequence[np.ndarray]) -> bool:
    expected = Derivation([Planted("σ′", lambda step, layer, right: own[layer - 1])]).observe(case)
    keys = [key for key in observed.shown() if key.name in SHOWN_BY[GRADIENT]]
    pairs = [(find(observed.trace, key)[0], tensor(expected.trace, key)[0]) for key in keys]
    return bool(pairs) and all(_close(a, e) for a, e in pairs)


def _close(actual: np.ndarray, expected: np.ndarray) -> bool:
    """Of zeros, and of one number everywhere, nothing is shown."""
    told = actual.size == 1 or np.ptp(actual) > 0
    return bool(told and np.abs(actual - expected).max() <= CLOSE * np.abs(expected).max())
