"""sigmoid and sigmoid_prime by themselves: right ways are accepted, wrong ones named where the bank knows them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted import faults

from compare.check import elementwise as of_z
from compare.diagnosis.case import Fault

catches, test_a_planted_fault_is_caught = faults("compare.check.elementwise")
Z, close, prime, bounded = of_z.Z, of_z.close, of_z._prime, of_z._sigmoid_bound


def naive(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def stable(z):
    e = np.exp(-np.abs(z))
    return np.where(z < 0, e / (1 + e), 1 / (1 + e))


def tanh(z):
    return (1 + np.tanh(z / 2)) / 2


def from_above(z):
    return 1 - naive(-z)


def overflowing(z):
    with np.errstate(all="ignore"):
        return np.exp(z) / (1 + np.exp(z))


def without_brackets(z):
    with np.errstate(over="ignore"):
        return 1 / 1 + np.exp(-z)


class Pointwise:
    """A subject with one function of z."""

    offers = frozenset({"sigmoid", "sigmoid_prime"})

    def __init__(self, function, faults=()):
        self.function, self.faults = function, list(faults)

    def call(self, name, z):
        return self.function(z), self.faults

    def observe(self, case):
        raise NotImplementedError


def asked(name, function, dtype="float64"):
    found, faults_found = of_z.elementwise(Pointwise(function), name, dtype)
    assert not faults_found
    return found


SIGMOIDS = {
    "naive": (naive, False),
    "stable": (stable, False),
    "½(1 + tanh)": (tanh, True),
    "1−σ(−z)": (from_above, True),
}


@catches("always to an absolute error", "_sigmoid_bound", lambda a, p: bounded(a, p) + 1e-15, way="½(1 + tanh)")
@catches("never to an absolute error", "with_absolute_sigmoid", lambda p: p, way="½(1 + tanh)")
@catches("bounds of 0", "_sigmoid_bound", lambda a, p: 0 * a + 1e-300, way="stable")
@pytest.mark.parametrize("way", SIGMOIDS)
def test_a_right_sigmoid_is_right_and_it_is_said_if_only_to_an_absolute_error(way):
    function, absolute = SIGMOIDS[way]
    for dtype in ("float64", "float32"):
        found = asked("sigmoid", function, dtype)
        assert found.right, str(found)
        assert (found.absolute, found.of_a, found.mistakes) == (absolute, False, [])
        assert found.worst <= 1


PRIMES = {
    "σ(1 − σ)": lambda z: naive(z) * (1 - naive(z)),
    "σ − σ²": lambda z: naive(z) - naive(z) ** 2,
    "σ(z)σ(−z)": lambda z: naive(z) * naive(-z),
    "stable": lambda z: stable(z) * (1 - stable(z)),
}


@catches("bounds of 0", "_prime", lambda a, precision: (prime(a, precision)[0], 0 * a + 1e-300), way="σ − σ²")
@pytest.mark.parametrize("way", PRIMES)
def test_a_right_sigma_prime_is_right_to_a_relative_error(way):
    found = asked("sigmoid_prime", PRIMES[way])
    assert found.right, str(found)
    assert (found.absolute, found.of_a, found.mistakes) == (False, False, [])


def test_sigma_prime_of_a_sigma_from_numbers_near_1_is_right_to_an_absolute_error():
    found = asked("sigmoid_prime", lambda z: tanh(z) * (1 - tanh(z)))
    assert (found.right, found.absolute) == (True, True), str(found)


@catches("of a is not known", "np.allclose", lambda *a, **o: False)
def test_sigma_prime_of_the_activation_is_right_and_its_faults_are_none():
    overflowed = Fault("warning", "sigmoid_prime", "a fault that comes of asking for a function of a at all z")
    found, left = of_z.elementwise(Pointwise(lambda a: a * (1 - a), [overflowed]), "sigmoid_prime")
    assert (found.right, found.of_a, left) == (True, True, [])


WRONG = {
    "σ of −z": ("sigmoid", lambda z: naive(-z)),
    "brackets left out of σ": ("sigmoid", without_brackets),
    "σ left out": ("sigmoid", lambda z: z + 0),
    "σ overflows": ("sigmoid", overflowing),
    "tanh in place of σ": ("sigmoid", np.tanh),
    "ReLU in place of σ": ("sigmoid", lambda z: np.maximum(z, 0)),
    "σ′ is 1 − σ²": ("sigmoid_prime", lambda z: 1 - naive(z) ** 2),
    "σ′ is σ(1 + σ)": ("sigmoid_prime", lambda z: naive(z) * (1 + naive(z))),
    "σ′ has the wrong sign": ("sigmoid_prime", lambda z: -naive(z) * (1 - naive(z))),
    "σ′ is σ": ("sigmoid_prime", naive),
    "σ′ is 1 − σ": ("sigmoid_prime", lambda z: 1 - naive(z)),
    "σ′ of a in place of z": ("sigmoid_prime", lambda z: naive(naive(z)) * (1 - naive(naive(z)))),
    "σ′ left out of BP1 and BP2": ("sigmoid_prime", np.ones_like),
}


@catches("everything is close", "close", lambda a, b: True, name="σ of −z")
@catches("nothing is close", "close", lambda a, b: False, name="σ′ is σ")
@catches("no mistakes known", "MISTAKES", {}, name="σ′ has the wrong sign")
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_function_is_wrong_and_named_alone(name):
    function, way = WRONG[name]
    found = asked(function, way)
    assert not found.right
    assert not found.worst <= 1
    assert name in [mistake.name for mistake in found.mistakes]
    extra = {"σ left out at the output"} if name == "σ left out" else set()
    assert {mistake.name for mistake in found.mistakes} <= {name} | extra


NOT_KNOWN = {
    "1 % too large": ("sigmoid", lambda z: 1.01 * naive(z)),
    "σ of 2z": ("sigmoid", lambda z: naive(2 * z)),
    "off by 1e-12": ("sigmoid", lambda z: naive(z) * (1 + 1e-12)),
    "off by 1e-8": ("sigmoid", lambda z: naive(z) * (1 + 1e-8)),
    "NaN": ("sigmoid", lambda z: np.full_like(z, np.nan)),
    "the slope of another function": ("sigmoid_prime", lambda z: (z > 0) * 1.0),
    "infinite": ("sigmoid_prime", lambda z: np.full_like(z, np.inf)),
    "σ′ halved": ("sigmoid_prime", lambda z: naive(z) * (1 - naive(z)) / 2),
    "σ′ of 2z": ("sigmoid_prime", lambda z: 2 * naive(2 * z) * (1 - naive(2 * z))),
    "clipped to 30": ("sigmoid", lambda z: naive(np.clip(z, -30, 30))),
}


@catches("bounds too wide", "_sigmoid_bound", lambda a, precision: 1e9 * bounded(a, precision), name="off by 1e-8")
@catches("a bound of NaN", "_sigmoid_bound", lambda a, precision: a + np.inf, name="1 % too large")
@pytest.mark.parametrize("name", NOT_KNOWN)
def test_a_wrong_function_that_the_bank_does_not_know_is_wrong_without_a_name(name):
    found = asked(*NOT_KNOWN[name])
    assert not found.right
    assert found.mistakes == []


@catches("another place", "np.flatnonzero", lambda wrong: [0])
def test_a_value_that_is_wrong_is_named_in_a_sentence():
    at = Z[40]
    found = asked("sigmoid", lambda z: np.where(z == at, 0.25, naive(z)))
    assert found.at == (at, 0.25, pytest.approx(naive(at)))
    assert f"sigmoid({at:.6g}) is 0.25, expected {found.at[2]!r}" in str(found)


def test_nothing_is_judged_where_nothing_came():
    fault = Fault("raised", "sigmoid", "sigmoid raised")
    assert of_z.elementwise(Pointwise(lambda z: None, [fault]), "sigmoid") == (None, [fault])
    assert replace(fault).sentence == "sigmoid raised"


@pytest.mark.parametrize("function", ["sigmoid", "sigmoid_prime"])
def test_faults_of_a_function_that_is_judged_are_handed_on(function):
    fault = Fault("dtype", function, "in another dtype")
    way = naive if function == "sigmoid" else PRIMES["σ(1 − σ)"]
    found, left = of_z.elementwise(Pointwise(way, [fault]), function)
    assert found.right
    assert left == [fault]
