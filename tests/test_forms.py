"""The form of a program is found among all, whichever functions are broken, and without asking in most others."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest
from planted import faults

from compare.check.forms import Came, forms, left_to_try
from compare.check.subject import FORWARD, GRADIENT, UPDATE
from compare.diagnosis.case import Fault, Observed, Shown
from compare.submission.conventions import Conventions

catches, test_a_planted_fault_is_caught = faults("compare.check.forms")
OFFERED = {FORWARD, GRADIENT, UPDATE}
EVERY = list(forms(Conventions()))
SOME = EVERY[::7]
CANONICAL = Conventions()
COLUMNS = Conventions(examples="columns", biases="column")
VECTORS = Conventions(batch="one")  # in which w a + b takes an example of those columns, too


def alike(a, b, *keys):
    return all(getattr(a, key) == getattr(b, key) for key in keys)


def answers(function, own, asked):
    """Whether a function of a program that is written in one form does when it is asked in another."""
    if function == FORWARD:
        batch = own.one_by_one == asked.one_by_one
        return (batch and alike(own, asked, "examples", "weights", "biases")) or (own, asked) == (COLUMNS, VECTORS)
    if function == GRADIENT:
        return own.one_by_one == asked.one_by_one and alike(own, asked, "examples", "weights", "biases", "gradients")
    return alike(own, asked, "examples", "weights", "biases", "batch")


def asked_in(own, stated=CANONICAL, broken=(), mute=()):
    """What came in each form that was tried."""
    came = []
    for form in left_to_try(stated, came):
        answering = frozenset(f for f in OFFERED - set(broken) - set(mute) if answers(f, own, form))
        came.append(Came(form, answering, frozenset(mute), frozenset(OFFERED - answering - set(mute)), answering))
    return came


def broken_and_mute(*pairs):
    return pytest.mark.parametrize(("broken", "mute"), pairs, ids=lambda names: " and ".join(sorted(names)) or "none")


@broken_and_mute((set(), set()), ({FORWARD}, set()), ({UPDATE}, set()), ({FORWARD, UPDATE}, set()), (set(), {UPDATE}))
@catches("an update of several is not looked for", "Came.is_beside", lambda *_: False, broken=set(), mute=set())
@catches("one vector rules out columns", "FORWARD", "", broken=set(), mute={UPDATE})
@catches("only the stated form", "Came.rules_out", lambda self, form: form != self.form, broken={UPDATE}, mute=set())
def test_in_some_form_all_functions_answer_that_can(broken, mute):
    for own in [*SOME, COLUMNS]:
        best = max(asked_in(own, broken=broken, mute=mute), key=lambda one: len(one.answering))
        assert best.answering == OFFERED - broken - mute, own


@broken_and_mute(({UPDATE}, set()), ({FORWARD}, set()), ({UPDATE}, {GRADIENT}), (set(), {GRADIENT, UPDATE}))
@catches("nothing is ruled out", "Came.rules_out", lambda *_: False, broken={UPDATE}, mute=set())
@catches("all take several", "Came.is_beside", lambda *_: True, broken={UPDATE}, mute={GRADIENT})
def test_what_answers_in_the_stated_form_leaves_few_others(broken, mute):
    for own in SOME:
        if own.batch == "together":
            assert len(asked_in(own, own, broken, mute)) <= 14 < len(EVERY) / 10


NO_FORM_HELPS = {"NameError: name 'q' is not defined": {GRADIENT}, "UnboundLocalError": {GRADIENT}, "ValueError": set()}


@pytest.mark.parametrize("error", NO_FORM_HELPS)
@catches("a missing name may be there", "NO_NAME", re.compile("no such words"), error="UnboundLocalError")
@catches("whatever is raised is mute", "NO_NAME", re.compile(""), error="ValueError")
def test_a_missing_name_is_missing_in_every_form(error):
    raised = Observed(Shown(), [Fault("raised", GRADIENT, f"{GRADIENT} raised {error}")])
    subject = SimpleNamespace(offers=frozenset(OFFERED))
    assert Came.of(subject, Conventions(), raised).mute == NO_FORM_HELPS[error]


class Offering:
    """Whatever it is asked, this is what it has."""

    offers = OFFERED


@catches("zeros tell of the form", "_of_zeros", lambda _: False)
def test_a_gradient_of_zeros_is_of_any_form():
    nothing = Shown(nabla_w=[np.zeros((1, 2, 3))], nabla_b=[np.zeros((1, 2))])
    came = Came.of(Offering(), CANONICAL, Observed(nothing))
    assert (came.answering, came.telling) == ({GRADIENT}, set())
    assert not any(came.rules_out(form) for form in forms(CANONICAL))
