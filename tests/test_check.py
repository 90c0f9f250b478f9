"""From a subject to its report: outcome, names, table, conventions and notes; checks reject faults."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from planted import faults

import compare.diagnosis.bank  # noqa: F401 - fills MISTAKES
from compare.check import naming
from compare.check.check import Settings, check_subject
from compare.check.derived import ALL, Derived
from compare.check.examine import examine
from compare.check.readings import Reading
from compare.check.subject import FORWARD, GRADIENT, UPDATE
from compare.diagnosis.derivation import Planted
from compare.diagnosis.judging import judge
from compare.diagnosis.mistake import MISTAKES
from compare.matrix.implementations import REWRITTEN, _otherwise
from compare.verdict import Outcome

pytestmark = pytest.mark.usefixtures("without_shapes")
catches, test_a_planted_fault_is_caught = faults("compare.check")

STATED = {"half mean": Reading(), "full mean": Reading(2.0), "half sum": Reading(1.0, summed=True)}
MINUS, PLUS = "∂C/∂a has the wrong sign", "b and w updated with + in place of −"


def checked(*names, stated="half mean", offers=ALL, strict=False, deltas=True, way=None):
    """The report on a derivation with those mistakes, the rest of it written in that way."""
    planted = [planted for name in names for planted in MISTAKES[name].planted()]
    written = [_otherwise(*REWRITTEN[way])] if way else []
    subject = Derived([*written, *planted], offers, deltas)
    return check_subject(subject, "derived", STATED[stated], Settings(strict=strict))


once = lru_cache(checked)  # for tests that plant nothing


def explained(report):
    return [[named.name for named in explanation] for explanation in report.explanations]


def verdicts(report):
    return {check.equation: check.verdict for check in report.checks}


def wrong(report):
    return {equation for equation, verdict in verdicts(report).items() if verdict == "wrong"}


@catches("bounds of 0", "parts.judge", lambda *a, **o: narrow(judge(*a, **o)), stated="half mean")
@pytest.mark.parametrize("stated", STATED)
def test_a_right_derivation_is_a_match_by_every_cost_with_nothing_to_say(stated):
    report = checked(stated=stated)
    assert report.outcome is Outcome.MATCH
    assert (report.explanations, report.conventions, report.notes, report.faults) == ([], [], [], [])
    assert set(verdicts(report).values()) == {"right"}
    assert all(check.worst <= 1 for check in report.checks)


def narrow(judged):
    return replace(judged, worst={key: 1e6 * r for key, r in judged.worst.items()})


@catches("nothing is ever wrong", "parts.Judged.wrong", lambda *_: [], name="∇w zero", equations={"BP4"})
@catches("no names", "check.named", lambda _, charged: charged, name="∇b zero", equations={"BP3"})
@pytest.mark.parametrize(
    ("name", "equations"),
    [
        ("bias left out", {"a = σ(z)"}),
        ("σ′ twice in BP1", {"BP1"}),
        ("σ′ left out of BP2", {"BP2"}),
        ("∇b zero", {"BP3"}),
        ("∇w zero", {"BP4"}),
        ("η forgotten", {"SGD"}),
    ],
)
def test_a_mistake_is_a_mismatch_named_alone_and_wrong_in_one_row_of_the_table(name, equations):
    report = checked(name)
    assert report.outcome is Outcome.MISMATCH
    assert explained(report) == [[name]]
    assert report.explanations[0][0].confidence == 1
    assert wrong(report) == equations
    assert report.smallest is not None


CONVENTIONS = {
    "factor 2": (("∂C/∂a doubled",), "1/m · Σ‖y − a‖²"),
    "sum": (("∇b and ∇w not divided by m",), "C = ½ Σ‖y − a‖²"),
    "negated": ((MINUS, PLUS), "gradients come negated"),
}


@catches("one reading", "parts.readings", lambda stated, signs=(): [stated], which="sum")
@pytest.mark.parametrize("which", CONVENTIONS)
def test_another_cost_is_a_convention_and_no_mistake(which):
    names, words = CONVENTIONS[which]
    report = checked(*names)
    assert report.outcome is Outcome.MATCH
    assert report.explanations == []
    assert any(words in sentence for sentence in report.conventions)


@catches("never strict", "check.examine", lambda *a, **k: examine(*a, **k | {"strict": False}), which="factor 2")
@pytest.mark.parametrize("which", CONVENTIONS)
def test_strict_makes_a_mismatch_of_a_convention_and_names_it(which):
    names, _ = CONVENTIONS[which]
    report = checked(*names, strict=True)
    assert report.outcome is Outcome.MISMATCH
    assert names[0] in [name for found in explained(report) for name in found]


@pytest.mark.parametrize("which", ["factor 2", "sum"])
def test_the_table_of_a_strict_mismatch_has_a_wrong_row(which):
    assert wrong(once(*CONVENTIONS[which][0], strict=True))


@pytest.mark.parametrize("offers", [ALL, (FORWARD, GRADIENT), (GRADIENT,)], ids=["all", "no update", "backprop"])
def test_a_negated_gradient_without_an_update_that_adds_is_a_mistake(offers):
    report = checked(MINUS, offers=offers)
    assert report.outcome is Outcome.MISMATCH
    assert explained(report) == [[MINUS]]


@catches("one cost for both", "parts.Judging._adds", lambda self, reading: not self.judged(reading, "batch").wrong())
def test_an_update_may_divide_the_negated_sum_that_it_adds():
    report = checked(MINUS, "∇b and ∇w not divided by m", "η divided by m", PLUS)
    assert report.outcome is Outcome.MATCH
    assert any("gradients come negated" in sentence for sentence in report.conventions)


def test_an_update_may_divide_the_sum_that_backprop_gives():
    report = once("∇b and ∇w not divided by m", "η divided by m")
    assert report.outcome is Outcome.MATCH
    parts = report.examination.parts
    assert (parts[GRADIENT].reading, parts[UPDATE].reading) == (Reading(1.0, summed=True), Reading())
    assert len(report.conventions) == 1


@catches("never asked twice", "examine.kept", lambda *_: iter(()))
def test_what_is_kept_from_call_to_call_is_a_fault():
    report = checked("gradient accumulated")
    assert report.outcome is Outcome.MISMATCH
    assert "state" in {fault.kind for fault in report.faults if fault.function == GRADIENT}
    assert explained(report) == [["gradient accumulated"]]


def test_one_mistake_is_preferred_to_two():
    report = once("∂C/∂a has the wrong sign")
    assert explained(report) == [[MINUS]]
    pair = once("σ′ twice in BP1", "∇w zero")
    assert [set(names) for names in explained(pair)] == [{"σ′ twice in BP1", "∇w zero"}]


@pytest.mark.parametrize(
    "names", [("bias left out", "∇w zero"), ("σ′ left out of BP2", "w updated with + in place of −")], ids=" and ".join
)
def test_every_function_that_is_wrong_is_explained(names):
    assert {frozenset(found) for found in explained(once(*names))} == {frozenset(names)}


@pytest.mark.parametrize("way", REWRITTEN)
def test_a_mistake_is_named_in_whichever_right_way_the_rest_is_written(way):
    assert explained(once("∇w zero", way=way)) == [["∇w zero"]]


@catches("nothing noted", "check._absolute", lambda report: iter(()))
def test_a_sigma_from_numbers_near_1_is_right_and_noted():
    subject = Derived([Planted("a = σ(z)", lambda s, l, right: (1 + np.tanh(s.zs[l] / 2)) / 2)])
    report = check_subject(subject, "tanh", Reading(), Settings())
    assert report.outcome is Outcome.MATCH
    assert [sentence for sentence in report.notes if "tanh" in sentence]


@pytest.mark.parametrize(("offers", "missing"), [((FORWARD,), 5), ((GRADIENT,), 2), ((UPDATE,), 1)], ids=str)
def test_what_is_not_shown_is_said_in_the_table(offers, missing):
    found = list(verdicts(once(offers=offers)).values())
    assert (found.count("not shown"), found.count("right")) == (missing, 6 - missing)


def test_a_layer_whose_gradient_is_right_settles_the_cost_that_mistakes_are_looked_for_under():
    settled = once("σ′ left out of BP2", deltas=False)
    assert naming.costs(settled.examination) == [Reading()]
    open_ = once("σ′ left out of BP2", "∂C/∂a doubled", deltas=False)
    assert len(naming.costs(open_.examination)) == 4
    assert explained(open_) == [["σ′ left out of BP2"]]
    assert any("the mistake explains it with C = 1/m · Σ‖y − a‖²" in sentence for sentence in open_.conventions)
