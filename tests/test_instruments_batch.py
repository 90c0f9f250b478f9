"""The per-example decomposition and the batch algebra name what is planted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from asked import GRADIENT, asked, of_each, probe, stepped, weighted
from planted import faults

from compare.diagnosis.derivation import Derivation
from compare.diagnosis.instruments import batch, examples
from compare.diagnosis.probes import probes
from compare.key import Key

catches, test_a_planted_fault_is_caught = faults("compare.diagnosis.instruments")
both_dtypes = pytest.mark.parametrize("dtype", ["float64", "float32"])


def sentence(findings):
    assert len(findings) == 1, findings
    return findings[0].sentence


SEVENTH = np.full(7, 1 / 7)
COUNTED = {
    "the last only": (np.eye(7)[6], "only the last example counts, 1;"),
    "the first only, over m": (np.eye(7)[0] / 7, "only the first example counts, 1/7;"),
    "one left out": (SEVENTH - np.eye(7)[2] / 7, "example 3, x[2], is left out; "),
    "one left out of six": (
        (1 - np.eye(7)[2]) / 6,
        "example 3, x[2], is left out, and 1/6 is what each of the others counts",
    ),
    "the sum": (np.ones(7), "each example counts 1, not 1/7: summed, not averaged"),
    "the last twice": (SEVENTH + np.eye(7)[6] / 7, "the last example is counted twice; "),
    "one negative": (SEVENTH - 2 * np.eye(7)[1] / 7, "example 2, x[1], counts with the wrong sign"),
    "all otherwise": (np.arange(1, 8) / 7, "the examples count 1/7, 0.2857, 0.4286,"),
}


def any_answer(a, least):
    return True


@catches("coefficients not looked at", "decomposition._finding", lambda *_: [], name="the sum", dtype="float64")
@both_dtypes
@pytest.mark.parametrize("name", COUNTED)
def test_examples_that_count_otherwise_than_they_should_are_named(name, dtype):
    c, words = COUNTED[name]
    planted = weighted(probe(dtype=dtype), c)
    assert f"in the gradient {words}" in sentence(examples(planted.case, planted.observed, of_each(planted.case)))


def test_one_tensor_that_has_the_last_example_only_is_named():
    planted = probe()
    planted.observed.trace.nabla_w[0] = of_each(planted.case)[-1].nabla_w[0]
    said = sentence(examples(planted.case, planted.observed, of_each(planted.case)))
    assert said.startswith("in nabla_w[1] only the last example counts, 1;")


def test_where_only_the_update_is_shown_its_gradient_is_taken_apart():
    planted = stepped(weighted(probe(), np.eye(7)[6]), 1)
    planted.observed.trace.nabla_w, planted.observed.trace.nabla_b = [], []
    assert "only the last" in sentence(examples(planted.case, planted.observed, of_each(planted.case)))


@catches("dependent gradients accepted", "decomposition._independent", any_answer)
def test_examples_that_are_alike_are_not_told_apart():
    case = probes(0).batch
    case.x[2], case.y[2] = case.x[1], case.y[1]
    planted = weighted(asked(case), SEVENTH - np.eye(7)[2] / 7)
    assert examples(case, planted.observed, of_each(case)) == []


def test_a_gradient_off_by_more_than_rounding_is_not_taken_apart():
    planted = weighted(probe(), np.ones(7))
    for name in GRADIENT:
        layers = getattr(planted.observed.trace, name)
        layers[:] = [n + 1e-7 * np.abs(n).max() * np.cos(np.arange(n.size)).reshape(n.shape) for n in layers]
    assert examples(planted.case, planted.observed, of_each(planted.case)) == []


class Wrong:
    """Right, but for what is done to ∇w and ∇b of each layer, given the case and how many came before."""

    def __init__(self, wrong):
        self.wrong, self.asked = wrong, 0

    def observe(self, case):
        observed, self.asked = Derivation().observe(case), self.asked + 1
        for name in GRADIENT:
            layers = getattr(observed.trace, name)
            layers[:] = [np.asarray(self.wrong(layer, case, self.asked), layer.dtype) for layer in layers]
        observed.trace.after = None
        return observed


class Accumulating:
    """Adds each gradient to the one before, as code does that never sets it to 0."""

    def __init__(self):
        self.nabla_b = None

    def observe(self, case):
        observed = Derivation().observe(case)
        if self.nabla_b is not None:
            observed.trace.nabla_b = [a + b for a, b in zip(self.nabla_b, observed.trace.nabla_b, strict=True)]
        self.nabla_b = observed.trace.nabla_b
        return observed


class WithTargetsOneOff:
    """Meets each example with the target of the next."""

    def observe(self, case):
        return Derivation().observe(replace(case, y=np.roll(case.y, 1, axis=0)))


def of_first(nabla, case, _asked):
    return nabla * (1 + abs(case.x[0, 0]))


ALGEBRA = {
    "the first example": (Wrong(of_first), "depends on the order of the examples; "),
    "the sum for the mean": (
        Wrong(lambda nabla, case, _: nabla * case.m),
        "of the mini-batch is not the mean of those of its two halves, but the sum; what do you divide by?",
    ),
    "m twice": (Wrong(lambda nabla, case, _: nabla / case.m), "but divided by m twice, against the mean; "),
    "√m": (Wrong(lambda nabla, case, _: nabla / case.m**0.5), "is not the mean of those of its two halves; "),
    "every second call": (Wrong(lambda nabla, _, asked: nabla * (asked % 2)), "was another when asked the same again"),
    "more from the fourth call on": (Wrong(lambda n, _, asked: n * max(asked, 3)), "was another when asked the same"),
    "targets one off": (WithTargetsOneOff(), "depends on the order of the examples"),
}


def ask(subject, case):
    return batch(subject, case, subject.observe(case))


@both_dtypes
@pytest.mark.parametrize("name", ALGEBRA)
def test_what_does_not_hold_between_mini_batches_is_said(name, dtype):
    subject, words = ALGEBRA[name]
    if isinstance(subject, Wrong):
        subject.asked = 0
    assert any(words in finding.sentence for finding in ask(subject, probes(0, dtype=dtype).batch))


@catches("nothing asked again", "algebra._kept", lambda *_: [])
def test_a_gradient_that_accumulates_is_said_to_be_kept_and_nothing_else():
    found = ask(Accumulating(), probes(0).batch)
    assert "what is kept from call to call?" in sentence(found)
    assert found[0].key == Key("BP3", "nabla_b", 3)


def test_bits_that_change_within_rounding_are_said_and_prove_nothing():
    found = ask(Wrong(lambda nabla, _, asked: nabla * (1 + 2e-16 * (asked % 2))), probes(0).batch)
    assert "other bits" in sentence(found)
    assert not found[0].exact


def test_where_the_cost_is_the_sum_a_mean_is_said_to_be_one():
    found = ask(Wrong(lambda nabla, case, _: nabla / case.m), probes(0, summed=True).batch)
    assert "is not the sum of those of its two halves, but the mean; " in sentence(found)


def test_a_single_example_is_repeated_in_place_of_taken_apart():
    found = ask(Wrong(lambda nabla, case, _: nabla * case.m), probes(0).single)
    assert "repeated twice is not the mean of those of the same examples once, but the sum" in sentence(found)


@catches("the order not asked for", "algebra._order", lambda *_: [])
def test_the_order_matters_where_the_last_example_alone_counts():
    def last(case):
        return Derivation().observe(replace(case, x=case.x[-1:], y=case.y[-1:]))

    subject = type("Last", (), {"observe": staticmethod(last)})()
    assert any("depends on the order" in finding.sentence for finding in ask(subject, probes(0).batch))
