"""Whatever form an implementation has, stating it brings its numbers into the canonical one; nothing else does."""

from __future__ import annotations

import functools
import itertools
from contextlib import ExitStack

import numpy as np
import pytest
from planted import faults
from submissions import a_case, any_form

from compare.diagnosis.derivation import Derivation
from compare.key import find, keys
from compare.submission.conventions import ALLOWED, NIELSEN, ConventionError, Conventions

catches, test_a_planted_fault_is_caught = faults("compare.submission")


def valid(**kwargs):
    """Whether there are such conventions."""
    try:
        return Conventions(**kwargs)
    except ConventionError:
        return None


FORMS = [
    form
    for values in itertools.product(*(ALLOWED[key] for key in list(ALLOWED)[:6]))
    if (form := valid(**dict(zip(ALLOWED, values, strict=False))))
]


def case_for(form, m):
    case = a_case(m=m, factor=form.factor, summed=form.summed)
    return case if form.biases != "none" else type(case)(**vars(case) | {"biases": [0 * b for b in case.biases]})


def shown_of(form, m):
    """The names of what an implementation in that form can show."""
    names = {"activations", "deltas", "nabla_w", "nabla_b"} | ({"weights", "biases"} if m == 1 else set())
    names |= {"weights", "biases"} if form.batch != "one" else set()
    return names - ({"nabla_b", "biases"} if form.biases == "none" else set())


def check(form, m):
    """All that can be shown is shown, and is what the derivation has, to rounding."""
    case = case_for(form, m)
    actual, expected = forms()(form).observe(case), Derivation().observe(case)
    assert actual.faults == []
    assert set(actual.shown()) == {key for key in keys(2) if key.name in shown_of(form, m)}
    for key in actual.shown():
        np.testing.assert_allclose(find(actual.trace, key), find(expected.trace, key), rtol=0, atol=1e-14)


def test_288_forms_are_told_apart():
    assert len(FORMS) == 288


stack = ExitStack()


@functools.cache
def forms():
    """One process for all tests, those with planted faults too: these are on this side of the wire."""
    return stack.enter_context(any_form())


@pytest.fixture(scope="module", autouse=True)
def _closed():
    with stack:
        yield


@pytest.mark.parametrize("biases", ALLOWED["biases"])
def test_every_form_is_brought_into_the_canonical_one(biases):
    for form in FORMS:
        if form.biases == biases:
            check(form, m=3)


def test_a_function_of_one_example_is_asked_for_a_step_where_there_is_one():
    for form in FORMS:
        if form.one_by_one and form.gradients == "w, b" and form.sign == "plus":
            check(form, m=1)


@catches("weights not turned", "conventions.Conventions._weight", lambda self, w, b: w, weights="in_out")
@catches("a matrix not taken apart", "conventions.Conventions.canonical_weight", lambda self, w: (w, None))
@catches("x not turned", "conventions.Conventions.examples_of", lambda self, x: x.copy(), examples="columns")
@catches("deltas not turned", "conventions.Conventions.canonical_examples", lambda self, a: a, examples="columns")
@catches(
    "an update gets a list of rows",
    "observing.Observation._mini_batch",
    lambda self, x: [self.c.example_of(row) for row in x],
    batch="one but update",
)
@catches("an update gets one", "observing.Observation._mini_batch", lambda self, x: x[0], batch="one but update")
@catches("the sum for the mean", "observing.Observation._reduced", lambda self, g: np.sum(g, axis=0), batch="one")
@catches("the first for the mean", "observing.Observation._reduced", lambda self, g: g[0], batch="one")
@catches("the mean for the sum", "observing.Observation._reduced", lambda self, g: g[0] / 3, reduction="sum")
@catches("no sign", "reading._signed", lambda layers, c: layers, sign="minus")
@catches("no factor", "conventions.Conventions.factor", 1.0, cost="full")
@catches("first for last", "conventions.Conventions._weight", lambda self, w, b: np.column_stack([b, w]))
def test_a_stated_form_gives_the_numbers_of_the_derivation(**stated):
    check(Conventions(**stated or {"biases": "last column"}), m=3)


@pytest.mark.parametrize("stated", [{"cost": "full"}, {"reduction": "sum"}, {"cost": "full", "batch": "one"}], ids=str)
def test_cost_and_reduction_are_carried_to_the_case(stated):
    check(Conventions(**stated), m=3)


def test_the_sum_over_single_examples_is_not_divided():
    check(Conventions(batch="one", reduction="sum"), m=3)


def test_a_form_that_was_not_stated_gives_faults_and_not_numbers():
    forms()(Conventions(weights="in_out"))  # what it does
    observed = forms()(Conventions(weights="in_out")).with_conventions(Conventions()).observe(a_case())
    assert not observed.shown()
    assert {fault.kind for fault in observed.faults} == {"raised"}


@pytest.mark.parametrize(
    ("stated", "named"),
    [
        ({"weights": "in-out"}, ["'weights'", "'in-out'", "'out_in', 'in_out'"]),
        ({"weight": "in_out"}, ["'weight'", "examples, weights, biases"]),
        ({"biases": None}, ["'biases'", "None", "'flat'"]),
        ({"biases": np.zeros(2)}, ["'biases'", "array", "'flat'"]),
        ({"biases": "first row"}, ["'first row'", "'first column'", 'weights "out_in"']),
        ({3: "rows"}, ["3", "examples"]),
    ],
    ids=["value", "key", "None", "array", "combination", "number"],
)
def test_a_statement_that_makes_no_sense_is_refused_by_key_value_and_what_is_allowed(stated, named):
    with pytest.raises(ConventionError) as refused:
        Conventions.parse(stated)
    assert all(part in str(refused.value) for part in named)


def test_what_a_file_leaves_unsaid_is_as_in_its_base():
    assert Conventions.parse({"batch": "together"}, NIELSEN) == Conventions(
        "columns", biases="column", gradients="b, w"
    )


def test_biases_that_a_network_has_no_place_for_are_refused():
    with pytest.raises(ConventionError, match="biases of 0"):
        forms()(Conventions(biases="none")).observe(a_case())
