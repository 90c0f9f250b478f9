"""Owns backproof's own row of the matrix: the judge of ``make run``, shown one step of which only the gradients and
the update are the program's; all that comes before them is the reference's, as the other checks see no more either.
"""

from __future__ import annotations

from dataclasses import replace

from compare.diagnosis.autograd import expect, reference
from compare.diagnosis.case import Case, Observed
from compare.judge import Judge
from compare.precision import PRECISIONS
from compare.side import Block
from compare.verdict import Verdict


def backproof_accepts(case: Case, observed: Observed) -> str:
    """The verdict: "match", "mismatch" or "inconclusive"."""
    return judged(case, observed).outcome.value


def judged(case: Case, observed: Observed) -> Verdict:
    """The verdict with its power."""
    precision = PRECISIONS[case.x.dtype.name]
    judge = Judge(reference(case.sizes, case.factor, case.x.dtype), case.eta * case.scale, precision, precision)
    expected = expect(case)
    shown = observed.trace
    actual = replace(expected, nabla_w=shown.nabla_w, nabla_b=shown.nabla_b, after=shown.after)
    judge.block(_block(case), case.before, actual)
    return judge.verdict


def _block(case: Case) -> Block:
    block = Block(1, case.m, case.sizes[0], case.sizes[-1], case.x.dtype)
    block.x[0], block.y[0] = case.x, case.y
    return block
