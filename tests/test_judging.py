"""What is shown of a case is held against autograd: right is a match, and one element off by 1e-9 is found."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from planted import faults

from compare.diagnosis import judging
from compare.diagnosis.case import Observed, Shown
from compare.diagnosis.derivation import Derivation, Planted
from compare.diagnosis.mistake import MISTAKES
from compare.diagnosis.probes import probes
from compare.key import Key, find, keys
from compare.matrix import false_alarms
from compare.matrix.implementations import right
from compare.verdict import Outcome

catches, test_a_planted_fault_is_caught = faults("compare.diagnosis.judging")
bounds_of, ratio, expect = judging.bounds_of, judging._ratio, judging.expect

DTYPES, COSTS = ("float64", "float32"), {"half mean": (1.0, False), "full mean": (2.0, False), "half sum": (1.0, True)}
SHOWN = [key for key in keys(3) if key.name not in ("cost", "nabla_a")]
PROGRAMS = {program.name: program.planted for program in right()}


def case_of(L=3, cost="half mean", dtype="float64", seed=0):
    factor, summed = COSTS[cost]
    return probes(seed, L, factor=factor, summed=summed, dtype=dtype).batch


def tighter(case, precision):
    """The bounds of a machine with a thousandth of the roundoff."""
    return bounds_of(case, replace(precision, u=precision.u / 1000))


def wider(case, precision):
    return bounds_of(case, replace(precision, u=1e6 * precision.u))


@catches(
    "another cost", "expect", lambda case: expect(replace(case, factor=3.0)), L=3, cost="half mean", dtype="float64"
)
@catches("the mean always", "expect", lambda c: expect(replace(c, summed=False)), L=2, cost="half sum", dtype="float32")
@catches("bounds a thousand times too narrow", "bounds_of", tighter, L=3, cost="half mean", dtype="float64")
@pytest.mark.parametrize(("L", "cost", "dtype"), list(product((1, 2, 3, 4), COSTS, DTYPES)))
def test_right_derivations_match_in_whatever_way_they_are_written(L, cost, dtype):
    case = case_of(L, cost, dtype)
    for name, planted in PROGRAMS.items():
        found = judging.judge(case, Derivation(planted).observe(case))
        assert found.outcome is Outcome.MATCH, name
        assert len(found.worst) == 7 * L, name
        assert not found.wrong()


def spoilt(case, key, index, change):
    """What is right, with one element of one tensor changed."""
    observed = Derivation().observe(case)
    array = find(observed.trace, key)
    array[(0, *index)] = change(array[(0, *index)])
    return observed


def largest(case, key):
    """Where a relative error is easiest to see."""
    array = find(Derivation().observe(case).trace, key)[0]
    return np.unravel_index(np.argmax(np.abs(array)), array.shape)


def nowhere(key, *_):
    return judging.Divergence(0, key, (0,))


@catches("bounds a million times too wide", "bounds_of", wider, key=Key("BP4", "nabla_w", 1))
@catches("the worst element forgotten", "locate", nowhere, key=Key("BP1", "deltas", 3))
@pytest.mark.parametrize("key", SHOWN, ids=str)
def test_a_relative_error_of_1e_9_in_one_element_is_wrong_at_that_key_and_element(key):
    case = case_of()
    index = tuple(map(int, largest(case, key)))
    for factor in (1 + 1e-9, 1 - 1e-9):
        found = judging.judge(case, spoilt(case, key, index, lambda value, factor=factor: factor * value))
        assert found.outcome is Outcome.MISMATCH
        assert found.wrong()[0] == key
        first = found.divergence(key)
        assert (first.key, first.index) == (key, index)
        assert 0 < first.bound < abs(first.actual - first.expected)
        assert first.actual / first.expected == pytest.approx(factor, rel=1e-12)


def nan_is_no_difference(actual, expected, allowed):
    return ratio(np.nan_to_num(actual, nan=0) * 0, expected * 0, allowed) if np.isnan(actual).any() else 0.0


@catches("NaN let through", "_ratio", nan_is_no_difference, key=Key("BP4", "nabla_w", 2), value=np.nan)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=["NaN", "infinity", "minus infinity"])
@pytest.mark.parametrize("key", SHOWN, ids=str)
def test_what_is_no_number_is_wrong(key, value):
    case = case_of()
    found = judging.judge(case, spoilt(case, key, largest(case, key), lambda _: value))
    assert key in found.wrong()
    assert found.worst[key] == np.inf
    assert found.divergence(key).key == key


SIGMAS = {"½(1 + tanh(z/2))": lambda z: (1 + np.tanh(z / 2)) / 2, "1 − σ(−z)": lambda z: 1 - 1 / (1 + np.exp(z))}


def with_sigma(sigma):
    return [Planted("a = σ(z)", lambda s, l, right: sigma(s.zs[l]))]


def dim(case):
    """The case with biases so far below 0 that activations are near 1e-13, or 1e-5 in float32."""
    by = {"float64": 30, "float32": 10}[case.x.dtype.name]
    return replace(case, biases=[b - by for b in case.biases])


@catches("one absolute error for all", "with_absolute_sigmoid", lambda p: p, sigma="½(1 + tanh(z/2))", dtype="float64")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sigma", SIGMAS)
def test_a_sigma_from_numbers_near_1_is_wrong_by_a_relative_bound_and_right_by_an_absolute_one(sigma, dtype):
    case = dim(case_of(dtype=dtype))
    observed = Derivation(with_sigma(SIGMAS[sigma])).observe(case)
    assert any(key.name == "activations" for key in judging.judge(case, observed).wrong())
    assert not judging.judge(case, observed, absolute=True).wrong()


@catches(
    "any error let through", "with_absolute_sigmoid", lambda p: replace(p, sigmoid=1e-6), key=Key("BP4", "nabla_w", 3)
)
@pytest.mark.parametrize("key", SHOWN, ids=str)
def test_the_absolute_bound_rejects_a_relative_error_of_1e_9(key):
    case = case_of()
    observed = spoilt(case, key, largest(case, key), lambda value: (1 + 1e-9) * value)
    assert key in judging.judge(case, observed, absolute=True).wrong()


def updates(case, *names):
    return Derivation([planted for name in names for planted in MISTAKES[name].planted()]).observe(case)


update = judging._update


def only_own(*compared, own):
    """As the update would be judged without the right gradient."""
    return update(*compared, own=True)


def only_right(*compared, own):
    return update(*compared, own=False)


@catches("only by its own gradient", "_update", only_own)
@catches("only by the right gradient", "_update", only_right)
def test_an_update_is_right_with_its_own_gradient_and_with_the_right_one():
    case = case_of()
    own = updates(case, "∇b and ∇w doubled")
    assert {key.equation for key in judging.judge(case, own).wrong()} == {"BP3", "BP4"}
    mixed = replace(own.trace, after=Derivation().observe(case).trace.after)  # doubled, but not where it updates
    assert {key.equation for key in judging.judge(case, Observed(mixed)).wrong()} == {"BP3", "BP4"}


@catches("no update looked at", "_update", lambda *_, **__: (np.zeros(1),) * 3, name="η forgotten")
@pytest.mark.parametrize("name", ["η forgotten", "b and w updated with + in place of −", "nothing updated"])
def test_an_update_that_follows_neither_gradient_is_wrong(name):
    case = case_of()
    observed = updates(case, name)
    assert {key.equation for key in judging.judge(case, observed).wrong()} == {"SGD"}
    alone = Observed(replace(Shown(), after=observed.trace.after))
    assert len(judging.judge(case, alone).wrong()) == 2 * case.L


def a_hundredth(case, precision):
    return bounds_of(case, replace(precision, u=precision.u / 100, tiny=precision.tiny / 100))


@catches("bounds 100 times smaller", "bounds_of", a_hundredth)
def test_no_right_program_on_100_random_problems_is_a_mismatch():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(false_alarms, "LARGEST", 2_000)
        lines = false_alarms.count(100)
    assert sum(line.problems for line in lines) == 100
    assert [mismatch for line in lines for mismatch in line.mismatches] == []
    assert all(line.worst <= 1 for line in lines)
