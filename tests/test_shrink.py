"""The smallest failing case: it fails, nothing that fails is simpler by much, and few questions lead to it."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import faults

import compare.diagnosis.bank  # noqa: F401  # fills MISTAKES
from compare.diagnosis.derivation import Derivation
from compare.diagnosis.judging import judge
from compare.diagnosis.mistake import MISTAKES
from compare.diagnosis.probes import probes, random_case
from compare.diagnosis.shrink import CALLS, describe, smallest
from compare.diagnosis.simpler import arrays, copied
from compare.verdict import Outcome

catches, test_a_planted_fault_is_caught = faults("compare")
ENDLESS = 60.0  # seconds: more than any search here takes, however slow the machine

# The smallest network in which each can be seen at all, its examples, and η.
LEAST = {
    "σ′ left out of BP1": ((1, 1), 1, 1.0),
    "bias left out": ((1, 1), 1, 1.0),
    "∇w zero": ((1, 1), 1, 1.0),
    "η forgotten": ((1, 1), 1, 0.5),
    "∇b and ∇w not divided by m": ((1, 1), 2, 1.0),
    "∇w of the last example only": ((1, 1), 2, 1.0),
    "σ′ left out of BP2": ((1, 1, 1), 1, 1.0),
}


class Counted:
    """The question whether a mistake shows in a case; it remembers all that it was asked."""

    def __init__(self, name=None, answers=None):
        self.name, self.answers, self.asked = name, answers, []

    def __call__(self, case):
        answer = next(self.answers) if self.answers else shows(self.name, case)
        self.asked.append((key(case), answer))
        return answer


def shows(name, case):
    try:
        observed = Derivation(MISTAKES[name].planted()).observe(case)
    except ValueError:  # it cannot be made in layers of these widths
        return False
    return judge(case, observed).outcome is Outcome.MISMATCH


def key(case):
    return case.sizes, case.m, case.eta, *(array.tobytes() for _, array in arrays(case))


def all_numbers(case):
    return np.concatenate([array.ravel() for _, array in arrays(case)])


def asks_for_nothing(search, candidate):
    return True


def with_one_call_more(search, candidate):
    return search.fails(copied(candidate))


def leaves_the_numbers(case):
    return []


@catches("no question asked", "diagnosis.shrink._Search._asks", asks_for_nothing, name="σ′ left out of BP2")
@catches("numbers left as they are", "diagnosis.small_numbers.ways", leaves_the_numbers, name="∇w zero")
@pytest.mark.parametrize("name", LEAST)
def test_a_mistake_is_shown_by_the_least_network_that_can_and_by_small_whole_numbers(name):
    sizes, m, eta = LEAST[name]
    case = probes(0, dtype="float32" if m == 2 else "float64").batch
    small = smallest(case, question := Counted(name), seconds=ENDLESS)
    assert (small.sizes, small.m, small.eta) == (sizes, m, eta)
    assert set(all_numbers(small)) <= {0, 1}
    assert shows(name, small)
    assert len(question.asked) <= CALLS // 3


def test_a_mistake_that_only_square_layers_let_run_keeps_them_square():
    name = "w not transposed in BP2"
    small = smallest(probes(0).square, Counted(name), seconds=ENDLESS)
    assert (small.sizes, small.m, shows(name, small)) == ((1, 2, 2), 1, True)


def test_a_network_for_images_becomes_as_small():
    wide = random_case(np.random.default_rng(0), (784, 30, 10), 10)
    small = smallest(wide, question := Counted("σ′ left out of BP2"), seconds=ENDLESS)
    assert (small.sizes, small.m) == ((1, 1, 1), 1)
    assert len(question.asked) <= CALLS // 3


def test_an_input_that_is_0_in_all_examples_is_cut_before_one_that_is_not():
    case = probes(0).batch
    case.x[:, [0, 1, 2, 4, 5]] = 0
    small = smallest(case, lambda c: bool(c.x.any()), seconds=ENDLESS)
    assert (small.sizes, small.m) == ((1, 1), 1)


def test_a_code_for_one_depth_is_asked_about_no_other():
    name, depths = "σ′ left out of BP1", set()

    def fails(case):
        depths.add(case.L)
        return shows(name, case)

    small = smallest(probes(0).batch, fails, keep_layers=True, seconds=ENDLESS)
    assert depths == {3}
    assert (small.sizes, small.m) == ((1, 1, 1, 1), 1)


@catches("calls that are not counted", "diagnosis.shrink._Search._asks", with_one_call_more)
def test_no_more_is_asked_than_is_allowed():
    for calls in (1, 2, 17, CALLS):
        smallest(probes(0).batch, question := Counted(answers=cycle([True, False])), calls=calls, seconds=ENDLESS)
        assert len(question.asked) <= calls


def test_when_the_time_is_up_the_best_so_far_is_returned():
    case = probes(0).batch
    small = smallest(case, question := Counted("σ′ left out of BP1"), seconds=0.0)
    assert (len(question.asked), key(small)) == (1, key(case))


@catches("the case itself handed out", "diagnosis.shrink.copied", lambda case: case)
def test_a_code_that_edits_its_arguments_spoils_no_case():
    name, case = "σ′ left out of BP2", probes(0).batch
    before = key(case)

    def fails(given):
        answer = shows(name, given)
        for _, array in arrays(given):
            array[:] = np.nan
        return answer

    small = smallest(case, fails, seconds=ENDLESS)
    assert key(case) == before
    assert np.isfinite(all_numbers(small)).all()
    assert shows(name, small)


def test_a_case_that_does_not_fail_is_refused():
    with pytest.raises(ValueError, match="does not fail"):
        smallest(probes(0).batch, lambda case: False)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.booleans(), min_size=CALLS, max_size=CALLS), st.integers(0, 99), st.booleans())
def test_whatever_the_answers_the_result_is_a_case_that_failed_and_every_case_asked_about_is_whole(answers, seed, keep):
    start = replace(probes(seed, dtype="float32").later, factor=2.0, summed=True)
    question, cases = Counted(answers=iter([True, *answers])), []

    def fails(case):
        cases.append(case)
        return question(case)

    small = smallest(start, fails, keep_layers=keep, seconds=ENDLESS)
    assert (key(small), True) in question.asked
    assert len(dict(question.asked)) == len(question.asked)  # none was asked about twice
    for case in cases:
        assert [w.shape for w in case.weights] == list(zip(case.sizes[1:], case.sizes, strict=False))
        assert [b.shape for b in case.biases] == [(n,) for n in case.sizes[1:]]
        assert case.x.shape == (case.m, case.sizes[0])
        assert case.y.shape == (case.m, case.sizes[-1])
        assert min(case.m, *case.sizes) >= 1
        assert case.L == start.L if keep else 1 <= case.L <= start.L
        assert {array.dtype.name for _, array in arrays(case)} == {"float32"}


def test_a_case_is_described_by_its_sizes_and_arrays_in_the_names_of_the_derivation():
    small = smallest(probes(0).batch, Counted("σ′ left out of BP2"), seconds=ENDLESS)
    assert describe(small).splitlines() == [
        "sizes 1-1-1, one example, eta = 1, C = 1/(2m) Σ‖y − a‖², float64",
        "weights[1] = [[0]]",
        "weights[2] = [[1]]",
        "biases[1] = [0]",
        "biases[2] = [0]",
        "x = [[1]]",
        f"y = [[{small.y[0, 0]:g}]]",
    ]


def test_a_large_array_is_described_by_its_shape_and_range():
    case = random_case(np.random.default_rng(0), (784, 2), 3)
    text = describe(replace(case, factor=2.0, summed=True))
    assert text.startswith(
        "sizes 784-2, 3 examples, eta = 0.7, C = Σ‖y − a‖², float64\nweights[1] = 2 × 784 numbers, from "
    )
    assert len(text) < 500
