"""The forms in which a submission can be asked: the stated one and those near it, and which functions answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product

import numpy as np

from compare.check.subject import FORM, FORWARD, GRADIENT, SHOWN_BY, UPDATE, Subject
from compare.diagnosis.case import Case, Fault, Observed
from compare.key import find
from compare.submission.conventions import ALLOWED, NIELSEN, ConventionError, Conventions

INDEPENDENT = {"signature", "input", "none", "object", "ragged", "type"}  # faults that have nothing to do with a form
NO_NAME = re.compile(r" raised (NameError|UnboundLocalError)\b")
*UNMIXED, MIXED = ALLOWED["batch"]
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


@dataclass(frozen=True)
class Came:
    """Which functions answered when they were asked in one form; those of z alone are in every form.

    answering  gave something, and in the form that was asked for
    mute       do not answer in any form
    silent     the others: they may answer in another one
    telling    of those that answered, the ones whose answer is of this form: not zeros, which are of any
    shown      how many arrays came in their shapes, of functions that did not answer in full, too
    """

    form: Conventions
    answering: frozenset[str]
    mute: frozenset[str]
    silent: frozenset[str]
    telling: frozenset[str]
    shown: int = 0

    @classmethod
    def of(cls, subject: Subject, form: Conventions, observed: Observed) -> Came:
        """What came of one case."""
        offered = subject.offers & set(SHOWN_BY)
        answering = frozenset(function for function in offered if _answers(function, observed))
        mute = frozenset(f.function for f in observed.faults if _in_no_form(f)) - answering
        telling = answering - {GRADIENT, UPDATE} if _of_zeros(observed) else answering
        return cls(form, answering, mute, offered - answering - mute, telling, len(observed.shown()))

    def rules_out(self, form: Conventions) -> bool:
        """Whether no more functions can answer in that form.

        Those that answered here would not, where examples or weights lie otherwise or biases are elsewhere; but a
        feedforward that is w a + b takes one example as (n,) and as (n, 1).
        """
        alike = all(getattr(form, key) == getattr(self.form, key) for key in ("examples", "weights", "separate"))
        tells = self.form.batch == "together" or self.telling != {FORWARD}
        return tells and not alike and 0 < len(self.telling) >= len(self.silent)

    def is_beside(self, form: Conventions) -> bool:
        """Whether functions of one example answered, and the update did not, which might take several."""
        twin = self.form.batch == "one" and form == replace(self.form, batch=MIXED)
        return twin and bool(self.answering) and UPDATE in self.silent


def _answers(function: str, observed: Observed) -> bool:
    faulty = {fault.function for fault in observed.faults if fault.kind in FORM}
    return function not in faulty and any(key.name in SHOWN_BY[function] for key in observed.shown())


def _of_zeros(observed: Observed) -> bool:
    """Whether the gradient is, and with it the update's step."""
    gradient = [find(observed.trace, key) for key in observed.shown() if key.name in SHOWN_BY[GRADIENT]]
    return bool(gradient) and not any(array.any() for array in gradient if array is not None)


def _in_no_form(fault: Fault) -> bool:
    return fault.kind in INDEPENDENT or (fault.kind == "raised" and bool(NO_NAME.search(fault.sentence)))


def left_to_try(stated: Conventions, came: Collection[Came]) -> Iterator[Conventions]:
    """The forms, but for those that what came in others rules out; ``came`` grows while they are tried."""
    for form in forms(stated):
        usual = form.batch in (stated.batch, *UNMIXED)
        if not any(one.rules_out(form) for one in came) and (usual or any(one.is_beside(form) for one in came)):
            yield form


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


def likeliest(came: Sequence[Came], network: bool, in_a_square: Callable[[Conventions], Observed]) -> list[Came]:
    """Those of the forms in which the most functions answer; the likeliest first.

    Where a matrix lies the wrong way round, its function raises in most networks, in every form, or gives some of its
    arrays in a wrong shape; in a square network it answers, mostly in the right form only. A class Network is likely
    to be Nielsen's.
    """
    most = max(len(one.answering) for one in came)
    found = [one for one in came if len(one.answering) == most]
    if not (most or network):
        return found[:1]
    if len(found) == 1 or not found[0].silent | found[0].mute:
        return found

    def rank(one: Came) -> tuple[int, int, int]:
        answering = [found for found in SHOWN_BY if _answers(found, in_a_square(one.form))]
        return -one.shown, -len(answering), len(different(NIELSEN, one.form)) if network else 0

    return sorted(found, key=rank)


def is_square(case: Case) -> bool:
    """Whether all layers, and the mini-batch, are as wide."""
    return {*case.sizes, case.m} == {case.m}


def different(stated: Conventions, found: Conventions) -> list[str]:
    """What is otherwise than stated, a sentence each."""
    return [
        f"{FORMS[key].format(SHAPES.get(came, came))}, where {SHAPES.get(want, want)} is stated"
        for key in (f.name for f in fields(stated) if f.name in LAYOUT)
        if (came := getattr(found, key)) != (want := getattr(stated, key))
    ]


def in_form(case: Case, form: Conventions) -> Case:
    """The case as it can be asked in that form, which may have no place for biases."""
    return case if form.biases != "none" else without_biases(case)


def without_biases(case: Case) -> Case:
    """The case of a network that has none."""
    return replace(case, biases=[np.zeros_like(b) for b in case.biases])
