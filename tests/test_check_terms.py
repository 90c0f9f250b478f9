"""Mistakes by a wrong divisor and terms in w are named and measured."""

from __future__ import annotations

import tempfile

import pytest
from planted import faults
from rewritten import OF_Z, edited
from submissions import written

from compare.check.check import check
from compare.verdict import Outcome

pytestmark = pytest.mark.usefixtures("without_shapes", "warm_workers")
catches, test_a_planted_fault_is_caught = faults("compare")


PRIMES_OF_A = [
    OF_Z[0],
    ("deltas[0] @ w * a_l * (1 - a_l)", "deltas[0] @ w * sigmoid_prime(a_l)"),
]
NAMED = {
    "∇b and ∇w divided by n_0": [("over or len(x)", "over or x.shape[1]")],
    "∇w divided by n_0": [("a_l / (over or len(x))", "a_l / (over or x.shape[1])")],
    "∇b divided by n_0": [("d.sum(axis=0) / (over or len(x))", "d.sum(axis=0) / (over or x.shape[1])")],
    "∇b the mean over both axes": [("d.sum(axis=0) / (over or len(x))", "np.full(d.shape[1], d.mean())")],
    "σ′ of a in place of z in BP2": PRIMES_OF_A,
}


@pytest.mark.parametrize("name", NAMED)
def test_a_mistake_that_had_no_name_is_named_alone(report_of, name):
    report = report_of(edited(*NAMED[name]))
    assert [[one.name for one in named] for named in report.explanations] == [[name]]


OF_W = {
    "weight decay": (
        [("w - eta * nw", "w - eta * (nw + 0.01 * w)")],
        "is η∇w + 0.007 × w: is it weight decay, with λ = 0.01",
    ),
    "weight growth": ([("w - eta * nw", "w - eta * (nw - 0.01 * w)")], "is η∇w + (−0.007) × w"),
    "a term in the cost": (
        [
            (
                "a_l / (over or len(x)) for d, a_l in zip(deltas, a)]",
                "a_l / (over or len(x)) + 0.1 * w for d, a_l, w in zip(deltas, a, weights)]",
            )
        ],
        "nabla_w, in every layer, is ∇w + 0.1 × w: is a term in ‖w‖² in your cost",
    ),
    "no w": ([("w - eta * nw", "-eta * nw")], "are −η∇w alone"),
}


@catches("every fit holds", "diagnosis.instruments.weight_decay.CLOSE", {"float64": 1e9}, name="weight decay")
@catches("of the gradient only", "diagnosis.instruments.weight_decay._of_weights", lambda *_: None, name="no w")
@pytest.mark.parametrize("name", OF_W)
def test_a_term_in_w_is_measured(name):
    edits, words = OF_W[name]
    with tempfile.TemporaryDirectory() as folder:
        report = check(written(edited(*edits), folder))
    assert [words in finding.sentence for finding in report.findings if finding.instrument == "decay"] == [True]


@pytest.mark.parametrize("term", ["np.sign(w)", "w ** 2", "b.sum()"])
def test_a_term_in_something_else_is_not_taken_for_one_in_w(report_of, term):
    decayed = (
        "w - eta * nw for w, nw in zip(weights, nabla_w)",
        f"w - eta * nw - {term} for w, nw, b in zip(weights, nabla_w, biases)",
    )
    report = report_of(edited(decayed))
    assert report.outcome is Outcome.MISMATCH
    assert not any(finding.instrument == "decay" for finding in report.findings)
