"""The activations of a feedforward that is wrong and shows its output alone: asked of networks of fewer layers.

One that ends at a layer gives that layer's, if all layers are alike. One that passes them on to a layer of the weights
SCALE · 1, whose output is σ(SCALE · a), tells those of hidden layers that are unlike the output layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from compare.check.readings import Reading
from compare.check.report import CheckReport
from compare.check.subject import FORWARD, Subject
from compare.diagnosis.case import Case
from compare.grade.judging.holding import Known, failing, tells
from compare.grade.judging.own import Anew, Own

SCALES = (1.0, 1 / 8, 1 / 64)
STEEP = 2.0  # the largest σ⁻¹ that is worked out of an activation: further out, its digits are lost


def failing_after_feedforward(
    report: CheckReport, subject: Subject, anew: Anew, case: Case, stated: Reading
) -> set[str] | None:
    """The equations of backprop that fail with its activations; None, if others are charged, and not more of them."""
    if FORWARD not in report.examination.wrong:
        return None
    observed = subject.observe(case)
    activations = [None if a is None else a[0] for a in observed.trace.activations]
    if all(a is not None for a in activations[:-1]):
        return None
    if (output := activations[-1]) is None or not tells(output):
        return None
    found = [
        failing(report, Known(case, subject, observed, Own(a, [one * (1 - one) for one in a], [])), stated, ())
        for a in ways(case, output, anew)
    ]
    return min((fails for fails in found if fails is not None), key=len, default=None)


def ways(case: Case, output: np.ndarray, anew: Anew) -> Iterator[list[np.ndarray]]:
    """What the activations (m, n_l) of all layers may be: those of networks that end there, or passed on.

    The last is shown. Hidden ones that are right need not be asked for.
    """
    ending = [_ending(case, l) for l in range(1, case.L)]
    passing = [[_passing(case, l, scale) for l in range(1, case.L)] for scale in SCALES]
    answers = anew.cases([*ending, *(one for of_scale in passing for one in of_scale)])
    if answers is None:
        return
    ended = [_output(answers, one) for one in ending]
    passed = [_undone([_output(answers, one) for one in ones]) for ones in zip(*passing, strict=True)]
    for layers in (ended, passed):
        found = [a for a in layers if a is not None]
        if len(found) == case.L - 1:
            yield [*found, output]


def _ending(case: Case, l: int) -> Case:
    """A network whose output is a^l."""
    y = np.zeros((case.m, case.sizes[l]))
    return replace(case, weights=case.weights[:l], biases=case.biases[:l], y=y)


def _passing(case: Case, l: int, scale: float) -> Case:
    """A network whose output is σ(scale · a^l)."""
    ended, n = _ending(case, l), case.sizes[l]
    return replace(ended, weights=[*ended.weights, scale * np.eye(n)], biases=[*ended.biases, np.zeros(n)])


def _output(answers: Subject, case: Case) -> np.ndarray | None:
    activations = answers.observe(case).trace.activations
    return activations[-1][0] if activations and activations[-1] is not None else None


def _undone(outputs: Sequence[np.ndarray | None]) -> np.ndarray | None:
    """a of σ(scale · a), from the first scale that leaves it its digits."""
    for scale, p in zip(SCALES, outputs, strict=True):
        if p is not None and (p > 0).all() and (p < 1).all():
            z = np.log(p / (1 - p))
            if np.abs(z).max() <= STEEP:
                return z / scale
    return None
