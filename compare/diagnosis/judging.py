"""Holds what an implementation shows of a case against autograd, by the bound that the main job is held to."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from compare.diagnosis.case import Case, Observed
from compare.judge import Judge
from compare.power import Power
from compare.precision import PRECISIONS, Precision
from compare.ratio import update_bound
from compare.reference import Reference
from compare.side import Block
from compare.tolerance import SIGMOID_ROUNDINGS, bounds
from compare.trace import Key, Trace, Weights, find, tensor
from compare.verdict import Verdict, locate


def judge(case: Case, observed: Observed, *, absolute: bool = False) -> Verdict:
    """The verdict on the quantities that are shown, and on no others.

    What is not shown is taken to be right, and is not in the verdict. ``absolute`` allows a sigmoid that is good to an
    absolute error of a few units roundoff only, as tanh((z)/2) gives it, where the others are good to a relative one.
    """
    precision = PRECISIONS[case.x.dtype.name]
    actual = with_absolute_sigmoid(precision) if absolute else precision
    judge = Judge(reference(case.sizes, case.factor, case.x.dtype), case.eta * case.scale, actual, precision)
    expected = judge.reference.trace(case.before, case.x[None], case.y[None], case.scale)
    judge.block(block(case), case.before, complete(observed.trace, expected, case))
    shown = set(observed.shown())
    verdict = judge.verdict
    verdict.worst = {key: r for key, r in verdict.worst.items() if key in shown}
    verdict.powers = {key: power for key, power in verdict.powers.items() if key in shown}
    with np.errstate(all="ignore"):
        _judge_updates(verdict, case, observed, expected, actual + precision)
    return verdict


@lru_cache(maxsize=64)
def reference(sizes: tuple[int, ...], factor: float, dtype: np.dtype) -> Reference:
    """The torch network of those sizes."""
    return Reference(sizes, factor, dtype)


def with_absolute_sigmoid(precision: Precision) -> Precision:
    """The same rounding, and a σ that may be off by as much where it is small as where it is 1."""
    return replace(precision, sigmoid=(SIGMOID_ROUNDINGS + 2) * precision.u)


def block(case: Case) -> Block:
    """The case as a block of one step."""
    made = Block(1, case.m, case.sizes[0], case.sizes[-1], case.x.dtype)
    made.x[0], made.y[0] = case.x, case.y
    made.lock()
    return made


def complete(shown: Trace, expected: Trace, case: Case) -> Trace:
    """The trace with what it does not show put in as expected, and the update, judged apart, as it should be."""
    lists = {name: getattr(shown, name) or getattr(expected, name) for name in ("zs", "activations", "deltas")}
    gradients = {name: getattr(shown, name) or getattr(expected, name) for name in ("nabla_w", "nabla_b")}
    after = Weights(
        [w - n * case.eta for w, n in zip(case.before.weights, gradients["nabla_w"], strict=True)],
        [b - n * case.eta for b, n in zip(case.before.biases, gradients["nabla_b"], strict=True)],
    )
    return replace(expected, **lists, **gradients, after=after)


def _judge_updates(verdict: Verdict, case: Case, observed: Observed, expected: Trace, precision: Precision) -> None:
    """w′ has to be w − η∇C, with the gradient that the implementation itself shows, or with the right one."""
    allowed = bounds(case.before, case.x[None], case.y[None], expected, case.factor, precision, case.scale)
    for key in observed.shown():
        if key.equation == "SGD":
            nabla = Key(*(("BP4", "nabla_w") if key.name == "weights" else ("BP3", "nabla_b")), key.layer)
            w, after = tensor(case.before, key)[0], np.asarray(tensor(observed.trace, key)[0], np.float64)
            found = []
            for of in (observed.trace, expected):
                if find(of, nabla) is not None:
                    step = case.eta * tensor(of, nabla)[0]
                    bound = update_bound(after, step, precision) + case.eta * allowed.at(nabla, 0)
                    found.append((w - step, bound))
            _conclude(verdict, key, after, found)
            verdict.powers[key] = Power()
            verdict.powers[key].add(case.eta * tensor(expected, nabla)[0], found[-1][1], most=False)


def _conclude(verdict: Verdict, key: Key, after: np.ndarray, found: list[tuple[np.ndarray, np.ndarray]]) -> None:
    divergences = [locate(key, 0, after, right, bound) for right, bound in found]
    ratios = [float(np.max(np.abs(after - right) / bound)) for right, bound in found]
    verdict.worst[key] = float(np.nanmin(ratios)) if not np.isnan(ratios).all() else np.nan
    if all(divergences) and divergences[0] is not None:
        verdict.divergences.append(divergences[0])
