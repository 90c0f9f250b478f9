"""A sample of the count of names: every mistake is named, alone or among few, and most pairs; checks reject faults."""

from __future__ import annotations

import pytest
from planted import faults

from compare.diagnosis.mistake import MISTAKES
from compare.matrix import naming

pytestmark = pytest.mark.usefixtures("without_shapes")
catches, test_a_planted_fault_is_caught = faults("compare")

ALONE = [(mistake,) for mistake in MISTAKES.values()]
SAMPLE, FEW = 32, 47  # every so many; for the planted faults, fewer
PAIRS = 3


@catches("CLOSE = 10", "diagnosis.facts.CLOSE", {"float64": 10.0, "float32": 10.0}, shows="all", every=FEW)
@catches("an empty bank", "diagnosis.hypotheses.MISTAKES", {}, shows="all", every=FEW)
@catches("all hypotheses explain", "diagnosis.facts.Quantity.is_like", lambda *_: True, shows="gradient", every=FEW)
@pytest.mark.parametrize(("shows", "every"), [(shows, SAMPLE) for shows in naming.SHOWS], ids=naming.SHOWS)
def test_a_sample_of_the_mistakes_is_named_alone_or_among_few(shows, every):
    line = naming.count(shows, "float64", ALONE[::every], 1, "single")
    assert line.seen
    assert line.missed == []
    assert line.accepted == []
    assert line.share == 1.0


@pytest.mark.parametrize("number", [PAIRS])
def test_pairs_are_named(number):
    line = naming.count("all", "float64", naming.drawn_pairs(number), 1, "pairs")
    assert line.seen == number
    assert line.share >= 0.9


def test_a_mistake_in_float32_is_named_among_few():
    line = naming.count("all", "float32", ALONE[3::FEW], 1, "single")
    assert (line.missed, line.share) == ([], 1.0)


@catches("nothing is invisible", "matrix.naming.invisible", lambda *_: False)
def test_a_sum_that_is_stated_makes_no_mistake_of_a_sum():
    sums = [(MISTAKES["∇b and ∇w not divided by m"],)]
    assert naming.count("all", "float64", sums, 1, "single").seen == 1
    line = naming.count("all", "float64", sums, 2, "single")
    assert (line.seen, line.accepted) == (1, [])
