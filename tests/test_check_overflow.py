"""A sigmoid that overflows, or gives NaN, where e⁻ᶻ is too large: told with its z, and right elsewhere."""

from __future__ import annotations

import pytest
from planted import faults
from rewritten import OF_Z, PRIME, SIGMOID, TEXTBOOK, edited

from compare.check import extremes
from compare.diagnosis.case import Fault
from compare.verdict import Outcome

pytestmark = pytest.mark.usefixtures("without_shapes", "warm_workers")
catches, test_a_planted_fault_is_caught = faults("compare")


BY_MATH = "    import math\n    return np.vectorize(lambda t: 1 / (1 + math.exp(-t)))(z)\n"
BY_LIST = (
    "    import math\n    z = np.asarray(z)\n"
    "    return np.array([1 / (1 + math.exp(-t)) for t in z.ravel()]).reshape(z.shape)\n"
)
OVERFLOWING = {
    "math.exp": (edited((SIGMOID, BY_MATH)), "sigmoid raises OverflowError at z = -710; right for |z| up to 100"),
    "math.exp of a list": (edited((SIGMOID, BY_LIST)), "backprop, update_mini_batch raise OverflowError where |z|"),
    "np.seterr": (
        edited((SIGMOID, "    with np.errstate(over='raise'):\n    " + SIGMOID)),
        "raises FloatingPointError",
    ),
    "σ′ of the textbook": (edited((PRIME, TEXTBOOK)), "sigmoid_prime gives NaN at z = -710; right for |z| up to 100"),
    "σ′ of the textbook in BP1 and BP2": (
        edited((PRIME, TEXTBOOK), *OF_Z),
        "backprop, update_mini_batch give NaN where |z| goes up to ",
    ),
    "its cost doubled": (
        edited((PRIME, TEXTBOOK), *OF_Z, ("factor=1,", "factor=2,")),
        "backprop, update_mini_batch give NaN where |z| goes up to ",
    ),
    "with no function of z": (
        edited((SIGMOID, BY_MATH), ("def sigmoid(", "def s("), ("sigmoid(", "s("), ("def sigmoid_prime", "def ds")),
        "feedforward, backprop, update_mini_batch raise OverflowError",
    ),
}


@pytest.mark.parametrize("name", OVERFLOWING)
@pytest.mark.parametrize("seed", [0, 7])
def test_what_overflows_at_extreme_z_only_is_told_and_is_no_mismatch_but_with_strict(report_of, name, seed):
    source, words = OVERFLOWING[name]
    report = report_of(source, seed=seed)
    assert report.outcome is Outcome.MATCH, report.faults
    assert any(words in sentence for sentence in report.conventions)
    assert seed or report_of(source, seed=seed, strict=True).outcome is Outcome.MISMATCH


ALONE = """import numpy as np
def backprop(weights, biases, x, y):
    zs, a = [], [x]
    for w, b in zip(weights, biases):
        zs.append(a[-1] @ w.T + b)
        a.append(1 / (1 + np.exp(-zs[-1])))
    primes = [np.exp(-z) / (1 + np.exp(-z)) ** 2 for z in zs]
    deltas = [(a[-1] - y) * primes[-1]]
    for w, prime in zip(weights[:0:-1], primes[-2::-1]):
        deltas.insert(0, deltas[0] @ w * prime)
    return [d.T @ b / len(x) for d, b in zip(deltas, a)], [d.sum(axis=0) / len(x) for d in deltas]
"""


def test_of_backprop_alone_what_overflows_is_told_too(report_of):
    report = report_of(ALONE)
    assert report.outcome is Outcome.MATCH, report.faults
    assert any("backprop gives NaN where |z| goes up to" in sentence for sentence in report.conventions)
    assert report_of(ALONE.replace("** 2", "** 2.0001")).outcome is Outcome.MISMATCH
    forward = (
        "def feedforward(weights, biases, x):\n    return [x] + [np.full((len(x), len(b)), np.nan) for b in biases]\n"
    )
    assert report_of(ALONE + forward).outcome is Outcome.MISMATCH


WRONG_ANYWHERE = {
    "raises everywhere": edited((SIGMOID, "    raise OverflowError('math range error')\n")),
    "raises from z = -30 on": edited((SIGMOID, "    if np.min(z) < -30:\n        raise OverflowError\n" + SIGMOID)),
    "wrong at moderate z": edited((SIGMOID, BY_MATH.replace("-t", "-1.0001 * t"))),
    "wrong above": edited((SIGMOID, BY_MATH.replace("(z)\n", "(z) * np.where(z > 700, 0.5, 1)\n"))),
    "wrong σ′, NaN at the extremes": edited((PRIME, TEXTBOOK.replace("** 2", "** 2.0001"))),
    "σ that is NaN": edited((SIGMOID, "    return np.exp(z) / (1 + np.exp(z))\n")),
    "∇b of NaN in any case": edited(("d.sum(axis=0) /", "np.nan * d.sum(axis=0) /")),
    "another δ, and NaN at the extremes": edited((PRIME, TEXTBOOK), *OF_Z, ("(a[-1] - y) *", "(a[-1] - y / 2) *")),
}


@pytest.mark.parametrize("name", WRONG_ANYWHERE)
def test_what_is_wrong_at_moderate_z_is_rejected_whatever_overflows(report_of, name):
    report = report_of(WRONG_ANYWHERE[name])
    assert report.outcome is Outcome.MISMATCH
    assert not any("right for" in sentence for sentence in report.conventions if "backprop" in sentence)


@catches("any error", "diagnosis.case.OVERFLOW", __import__("re").compile(r" raised (\w+)"))
def test_only_an_overflow_is_excused():
    assert extremes.overflow([Fault("raised", "sigmoid", "sigmoid raised OverflowError: math range error")])
    assert not extremes.overflow([Fault("raised", "sigmoid", "sigmoid raised ValueError: an OverflowError")])
