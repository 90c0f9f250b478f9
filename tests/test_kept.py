"""The same question twice: another answer is a fault, other bits of the same sum are none."""

from dataclasses import replace

import numpy as np
import pytest
from planted import faults

from compare.check.cases import cases
from compare.check.derived import Derived
from compare.check.kept import kept
from compare.check.readings import Reading
from compare.diagnosis.case import Observed
from compare.diagnosis.mistake import MISTAKES

catches, test_a_planted_fault_is_caught = faults("compare")

CASE = cases(0, 3, Reading(), "float64")["batch"]


class Unsteady(Derived):
    """Right, but for a part of the gradient that changes from call to call."""

    def __init__(self, by):
        super().__init__()
        self.by, self.calls = by, 0

    def observe(self, case):
        self.calls += 1
        observed = super().observe(case)
        nabla_w = [self.by(w, self.calls) for w in observed.trace.nabla_w]
        return Observed(replace(observed.trace, nabla_w=nabla_w), observed.faults)


def found(subject):
    return list(kept(subject, CASE, subject.observe(CASE)))


RNG = np.random.default_rng(0)
CHANGES = {
    "a sum over calls": lambda w, calls: w * calls,
    "random numbers": lambda w, calls: w * RNG.random(),
    "a millionth": lambda w, calls: w * (1 + 1e-6 * calls),
    "not a number, then": lambda w, calls: w if calls == 1 else np.full_like(w, np.nan),
    "another shape, then": lambda w, calls: w if calls == 1 else w[:, :1],
    "nothing, then": lambda w, calls: w if calls == 1 else None,
}


@catches("not looked at", "check.kept.close", lambda *_: True, name="random numbers")
@pytest.mark.parametrize("name", CHANGES)
def test_another_answer_to_the_same_question_is_a_fault_of_that_function(name):
    told = found(Unsteady(CHANGES[name]))
    assert [(fault.kind, fault.function) for fault in told] == [("state", "backprop")]
    assert "gave another nabla_w[3] when it was asked the same again" in told[0].sentence


@catches("by the bit", "check.kept.close", np.array_equal)
def test_a_sum_in_another_order_is_the_same_answer():
    assert found(Unsteady(lambda w, calls: w * (1 + 1e-15 * calls))) == []


def test_what_accumulates_is_found_in_the_function_that_accumulates():
    (fault, *others) = found(Derived(MISTAKES["gradient accumulated"].planted(), deltas=False))
    assert fault.function == "backprop"
    assert {other.function for other in others} <= {"backprop", "update_mini_batch"}
