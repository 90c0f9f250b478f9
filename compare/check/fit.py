"""Finds the form in which a submission can be asked at all: the stated one, or else another that fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import product

from compare.check.examine import cases
from compare.check.readings import Reading
from compare.check.subject import FORM
from compare.diagnosis.case import Fault, Observed
from compare.submission.conventions import ALLOWED, ConventionError, Conventions
from compare.submission.remote import Submission

DEPTHS = (3, 2, 1)  # layers with weights: many a network is written for one depth only
LAYOUT = ("examples", "weights", "biases", "batch", "gradients")
FORMS = {
    "examples": "examples are {}",
    "weights": "weights are {}",
    "biases": "biases are {}",
    "batch": "functions take {}",
    "gradients": "gradients come as {}",
}
SHAPES = {
    "out_in": "(n_out, n_in)",
    "in_out": "(n_in, n_out)",
    "flat": "(n,)",
    "column": "(n, 1)",
    "row": "(1, n)",
    "together": "all examples of a mini-batch at a time",
    "one": "one example at a time",
    "w, b": "nabla_w, nabla_b",
    "b, w": "nabla_b, nabla_w",
}


@dataclass(frozen=True)
class Fit:
    """The form that fits, for networks of L layers; ``endless`` if there is no use in asking on."""

    submission: Submission
    L: int
    endless: list[Fault]


def fit(submission: Submission, seed: int, depths: tuple[int, ...] = DEPTHS) -> Fit:
    """Try the stated form at every depth, and then every other form; the stated one if none fits."""
    for conventions in forms(submission.conventions):
        candidate = submission.with_conventions(conventions)
        for L in depths:
            observed = candidate.observe(cases(seed, L, Reading(), "float64", conventions.biases != "none")["batch"])
            if endless := [fault for fault in observed.faults if fault.kind == "endless"]:
                return Fit(submission, L, endless)
            if fits(observed):
                return Fit(candidate, L, [])
    return Fit(submission, depths[0], [])


def fits(observed: Observed) -> bool:
    """Something came, and in the form that was asked for."""
    return bool(observed.shown()) and not any(fault.kind in FORM for fault in observed.faults)


def forms(stated: Conventions) -> Iterator[Conventions]:
    """The stated form, and those near it before those far from it."""
    biases = ("flat", "column", "row") if stated.separate else (stated.biases,)
    choices = [biases if key == "biases" else ALLOWED[key] for key in LAYOUT]
    found = [
        replace(stated, **dict(zip(LAYOUT, choice, strict=True))) for choice in _possible(stated, product(*choices))
    ]
    yield from sorted(found, key=lambda form: len(different(stated, form)))


def _possible(stated: Conventions, choices: Iterator[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    for choice in choices:
        try:
            replace(stated, **dict(zip(LAYOUT, choice, strict=True)))
        except ConventionError:  # biases cannot lie along that side of such a matrix
            continue
        yield choice


def different(stated: Conventions, found: Conventions) -> list[str]:
    """What is otherwise than stated, a sentence each."""
    return [
        f"{FORMS[key].format(SHAPES.get(came, came))}, where {SHAPES.get(want, want)} is stated"
        for key in (f.name for f in fields(stated) if f.name in LAYOUT)
        if (came := getattr(found, key)) != (want := getattr(stated, key))
    ]
