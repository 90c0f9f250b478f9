"""What autograd gives for many cases at once is what it gives for each, and nobody's numbers are another's."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from planted import faults

from compare.check.cases import cases
from compare.check.readings import Reading
from compare.diagnosis import autograd
from compare.diagnosis.judging import roundings
from compare.key import find, keys
from compare.trace import Trace

catches, test_a_planted_fault_is_caught = faults("compare.diagnosis.autograd")

PRECISIONS = [roundings("float64", absolute=absolute) for absolute in (False, True)]
STEP = Trace.step


def asked():
    """Those of three students, under three costs; one of them with η as all that is different."""
    costs = [Reading(), Reading(factor=2.0), Reading(summed=True)]
    found = [list(cases(seed, 3, cost, "float64", large=False).values()) for seed, cost in enumerate(costs)]
    return [*chain(*found), replace(found[0][0], factor=2.0), replace(found[0][0], summed=True)]


def of(case):
    return autograd.expect(case), [autograd.bounds_of(case, precision) for precision in PRECISIONS]


@catches("the first of all", "Trace.step", lambda self, k: STEP(self, 0))
@catches("by their numbers alone", "_name", lambda case: (case.digest, 1.0, False))
@catches(
    "by their shapes", "_name", lambda case: (str(case.sizes).encode() + bytes([case.m]), case.factor, case.summed)
)
def test_what_is_foreseen_is_what_is_found_one_by_one():
    alone = [of(case) for case in asked()]
    with autograd.foreseen(asked()):
        for case, (trace, bounds) in zip(asked(), alone, strict=True):
            found, allowed = of(case)
            assert found.scale == trace.scale
            for key in (key for key in keys(3) if key.equation != "SGD"):
                np.testing.assert_allclose(find(found, key), find(trace, key), rtol=1e-12, atol=1e-300)
                for one, other in zip(allowed, bounds, strict=True):
                    np.testing.assert_allclose(one.at(key, 0), other.at(key, 0), rtol=1e-10)


@pytest.mark.parametrize("name", ["_trace", "_bounds"])
@catches(
    "each case by itself",
    "_Lot.traces",
    property(lambda self: autograd._trace(self.cases, self.stacked)),
    name="_trace",
)
@catches(
    "for every question",
    "_Lot.bounds",
    lambda self, precision: autograd._bounds(self.cases[0], self.stacked, self.traces, precision),
    name="_bounds",
)
def test_it_is_worked_out_once_for_a_lot_and_forgotten_at_the_end(name):
    calls, found = [], getattr(autograd, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(autograd, name, lambda *given: calls.append(name) or found(*given))
        with autograd.foreseen(asked()):
            for case in asked():
                of(case)
            lots = len({(case.sizes, case.m, case.factor, case.summed) for case in asked()})
            assert len(calls) == lots * (len(PRECISIONS) if name == "_bounds" else 1) < len(asked()) * len(PRECISIONS)
        of(asked()[0])
        assert len(calls) > lots
