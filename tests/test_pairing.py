"""Which two mistakes could give what is observed: the two that were made, and few others."""

from dataclasses import replace

import numpy as np
import pytest
from planted import faults

from compare.check.cases import cases
from compare.check.readings import Reading
from compare.check.subject import SHOWN_BY
from compare.diagnosis.case import Observed, Shown
from compare.diagnosis.derivation import Derivation
from compare.diagnosis.facts import fact, unlike
from compare.diagnosis.hypotheses import Made, derivation_of
from compare.diagnosis.mistake import MISTAKES
from compare.diagnosis.pairing import pairs
from compare.matrix.naming import drawn_pairs

pytestmark = pytest.mark.usefixtures("without_shapes")
catches, test_a_planted_fault_is_caught = faults("compare")

CASE = cases(0, 3, Reading(), "float64")["square"]  # in which every mistake can be made
ALL = [Made(mistake) for mistake in MISTAKES.values()]
DRAWN = [tuple(map(Made, pair)) for pair in drawn_pairs(4)]
MOST = len(ALL) * (len(ALL) - 1) / 2  # in whichever order


def seen(hypothesis):
    """What an implementation with these mistakes shows, and the functions in which something is wrong."""
    shown = fact(CASE, derivation_of(hypothesis).observe(CASE), SHOWN_BY)
    right = Derivation().observe(CASE)
    return shown, [name for name in SHOWN_BY if next(unlike(shown, name, right), None)]


def tried(hypothesis, before=()):
    shown, wrong = seen(hypothesis)
    return list(pairs(ALL, shown, before, [name for name in wrong if name not in before]))


@catches("none could be", "diagnosis.pairing._could_be", lambda *_: False)
@catches("both must alter all", "diagnosis.pairing._could_be", lambda a, b, differs: differs <= a.alters & b.alters)
@catches("nothing is altered", "diagnosis.pairing._altered", lambda *_: set())
def test_the_two_that_were_made_are_tried():
    missed = [pair for pair in DRAWN if seen(pair)[1] and not {pair, pair[::-1]} & set(tried(pair))]
    assert missed == []  # of 300 pairs it was 4: one of the two shows only once the other is made


@catches("all could be", "diagnosis.pairing._could_be", lambda *_: True)
def test_few_others_are_tried():
    numbers = [len({frozenset(pair) for pair in tried(pair)}) for pair in DRAWN]
    assert np.median(numbers) < MOST / 4


def test_no_mistake_is_tried_that_alters_what_is_right_before():
    pair = (Made(MISTAKES["biases not updated"]), Made(MISTAKES["η squared"]))
    free, bound = tried(pair), tried(pair, before=("feedforward", "backprop"))
    assert pair in bound
    assert {equation for two in bound for one in two for equation in one.mistake.equations} == {"SGD w", "SGD b"}
    assert len(free) > len(bound)


def shared(self, case):
    found = list(self.quantities(case))
    names = {name: [array[None] for of, _, array in found if of == name] for name, _, _ in found}
    return Observed(Shown(activations=names["activations"]))


@catches("not copied", "diagnosis.derivation.Derivation.observe", shared)
def test_what_one_derivation_shows_may_be_edited_and_the_next_is_right_all_the_same():
    case, right = replace(CASE), Derivation().observe(CASE).trace
    for _ in range(2):
        trace = Derivation(MISTAKES["∇w zero"].planted()).observe(case).trace
        assert np.array_equal(trace.activations[-1], right.activations[-1])
        trace.activations[-1][:] = 0
