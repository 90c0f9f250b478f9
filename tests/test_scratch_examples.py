"""Examples that do not fit are refused: NumPy would stretch them, or round them down, and give a wrong gradient."""

from __future__ import annotations

import numpy as np
import pytest

from scratch.backprop import backprop
from scratch.cost import HALF
from scratch.network import Parameters
from scratch.sgd import gradient_descent, sgd

PARAMETERS = Parameters.random((4, 3, 2), np.random.default_rng(0))
X, Y = np.ones((5, 4)), np.ones((5, 2))
DO_NOT_FIT = {
    "y of one column": (X, Y[:, :1], r"\(5, 4\) and \(5, 1\); expected \(5, 4\) and \(5, 2\)"),
    "x of another width": (X[:, :3], Y, r"\(5, 3\) and \(5, 2\); expected \(5, 4\)"),
    "no examples": (X[:0], Y[:0], "m ≥ 1"),
    "x in float32": (X.astype(np.float32), Y, "x is float32, y float64 and the parameters are float64"),
    "y in float32": (X, Y.astype(np.float32), "y float32"),
}


@pytest.mark.parametrize(("x", "y", "words"), DO_NOT_FIT.values(), ids=DO_NOT_FIT.keys())
def test_examples_that_do_not_fit_are_refused(x, y, words):
    with pytest.raises(ValueError, match=words):
        backprop(PARAMETERS, x, y, HALF)
    with pytest.raises(ValueError, match=words):
        gradient_descent(PARAMETERS, x, y, cost=HALF, eta=1.0, termination=lambda k, _: k == 1)
    with pytest.raises(ValueError, match=words):
        trained(x, y)


@pytest.mark.parametrize("m", [0, -1])
def test_a_mini_batch_of_none_is_refused(m):
    with pytest.raises(ValueError, match=f"m is {m}; a mini-batch has 1 example or more"):
        trained(X, Y, m)


@pytest.mark.parametrize("eta", [0.0, -1.0, float("nan"), float("inf")])
def test_an_eta_that_is_no_step_down_is_refused(eta):
    with pytest.raises(ValueError, match=r"eta is .*; a step goes down the gradient for a finite η above 0"):
        trained(X, Y, eta=eta)
    with pytest.raises(ValueError, match="eta is"):
        gradient_descent(PARAMETERS, X, Y, cost=HALF, eta=eta, termination=lambda k, _: k == 1)


def test_a_network_without_weights_is_refused():
    with pytest.raises(ValueError, match="no weights came"):
        Parameters.of([], [])


def trained(x, y, m=2, eta=1.0):
    rng = np.random.default_rng(0)
    return list(sgd(PARAMETERS, (x, y), (x, y), cost=HALF, eta=eta, m=m, epochs=1, rng=rng))


def test_those_that_fit_are_not():
    assert backprop(PARAMETERS, X, Y, HALF).sizes == PARAMETERS.sizes
    assert len(trained(X, Y)) == 1
