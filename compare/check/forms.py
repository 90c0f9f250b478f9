"""The forms in which a submission can be asked: the stated one and those near it, and how many functions answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import product

import numpy as np

from compare.check.subject import FORM, SHOWN_BY, SLOTS, Subject
from compare.diagnosis.case import Case, Observed
from compare.submission.conventions import ALLOWED, ConventionError, Conventions

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
    "one but update": "one example at a time, but the update all of a mini-batch",
    "w, b": "nabla_w, nabla_b",
    "b, w": "nabla_b, nabla_w",
}


def answered(subject: Subject, observed: Observed) -> int:
    """How many of the functions gave something, and in the form that was asked for; those of z alone always do."""
    faulty = {fault.function for fault in observed.faults if fault.kind in FORM}
    names = {key.name for key in observed.shown()}
    given = [f for f, of in SHOWN_BY.items() if f in subject.offers and f not in faulty and names & set(of)]
    return len(given) + len(subject.offers & set(SLOTS))


def mute(observed: Observed) -> int:
    """How many do not answer in any form, as they cannot be called at all."""
    return len({fault.function for fault in observed.faults if fault.kind in ("signature", "input")})


def forms(stated: Conventions) -> Iterator[Conventions]:
    """The stated form, and those near it before those far from it."""
    yield stated
    choices = product(*(ALLOWED[key] for key in LAYOUT))
    found = [replace(stated, **dict(zip(LAYOUT, choice, strict=True))) for choice in _possible(stated, choices)]
    yield from sorted(found, key=lambda form: len(different(stated, form)))[1:]


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


def without_biases(case: Case) -> Case:
    """The case of a network that has none."""
    return replace(case, biases=[np.zeros_like(b) for b in case.biases])
