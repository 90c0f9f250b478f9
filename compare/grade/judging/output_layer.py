"""A backprop that gives nothing of any hidden layer: what it shows in a network that has none counts all the same."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from compare.check.forms import is_square
from compare.check.readings import Reading
from compare.check.report import CheckReport
from compare.check.subject import GRADIENT, SHOWN_BY
from compare.diagnosis.case import Case, one_by_one
from compare.diagnosis.derivation import Derivation
from compare.grade.judging.given import Given
from compare.grade.judging.holding import least_charged, tells
from compare.grade.judging.own import Anew

SHOWN = "right, in a network without hidden layers"
NOT_EITHER = "nor does it hold in a network without hidden layers"
LACKS = "backprop gives nothing for hidden layers"
OUTPUT = {"BP1", "BP3", "BP4"}


def lacks_hidden(report: CheckReport) -> bool:
    """Whether backprop is there, and shows no number of a hidden layer, but where all layers are as wide."""
    asked, part = report.examination.asked, report.examination.parts.get(GRADIENT)
    L = max((case.L for case, _ in asked.values()), default=1)
    judged = part.judged.items() if part else ()
    keys = [key for name, one in judged if not is_square(asked[name][0]) for key in one.worst]
    hidden = any(key.layer < L for key in keys if key.name in SHOWN_BY[GRADIENT])
    return GRADIENT in report.offers and L > 1 and not hidden


def without_hidden(anew: Anew, case: Case, stated: Reading) -> set[str] | None:
    """Of BP1, BP3 and BP4 those that fail for the output layer of that case alone; None, if it gives nothing of it."""
    below = Derivation().observe(case).trace.activations[-2][0]
    one = replace(case, weights=case.weights[-1:], biases=case.biases[-1:], x=below)
    examples = one_by_one(one)
    if (subject := anew.cases([one, *examples])) is None:
        return None
    asked = [(each, subject.observe(each)) for each in (one, *examples)]
    shown = asked[0][1].trace
    gradient = [*shown.nabla_w, *shown.nabla_b]
    if len(gradient) != 2 or not all(a is not None and np.isfinite(a).all() and tells(a) for a in gradient):
        return None
    activations = [a[0] for a in Derivation().observe(one).trace.activations]
    with np.errstate(all="ignore"):
        return least_charged(asked, activations, [a * (1 - a) for a in activations], stated) & OUTPUT


def of_the_output(given: Given, fails: Collection[str]) -> Given:
    """With what is known by the output layer; if none of it holds, nothing is."""
    if not OUTPUT - set(fails):
        return given
    stands = {**given.stands, **dict.fromkeys(OUTPUT - set(fails), SHOWN)}
    return replace(given, stands=stands, lacks=dict.fromkeys(fails, NOT_EITHER) | {"BP2": LACKS})
