"""What the benchmark times is what it says: the same step, its products alone, and ratios of the same rounds."""

from __future__ import annotations

import csv
import functools

import numpy as np
import pytest

from compare.bench import peers, scaling, step
from compare.bench.job import own_peak, peak_memory
from compare.bench.separate import separate_step
from compare.bench.timing import in_turns, ratio
from scratch.backprop import backprop
from scratch.cost import HALF, one_hot
from scratch.network import Parameters

SIZES, M, ETA = (7, 5, 4, 3), 6, 0.5


def after_separate_step(eta):
    rng = np.random.default_rng(0)
    w, x = Parameters.random(SIZES, rng), rng.random((M, SIZES[0]))
    y = one_hot(rng.integers(0, 3, M), 3)
    take, _, vector = separate_step(w.weights, w.biases, x, np.ascontiguousarray(y.T), eta / M)
    take()
    nabla = backprop(w, x, y, HALF)
    expected = [*(u - ETA * g for u, g in zip(w.weights, nabla.weights, strict=True))]
    expected += [*(u - ETA * g for u, g in zip(w.biases, nabla.biases, strict=True))]
    return vector, np.concatenate([array.ravel() for array in expected])


def test_the_step_with_separate_biases_is_the_same_step():
    np.testing.assert_allclose(*after_separate_step(ETA), rtol=1e-13)


def test_a_step_with_another_learning_rate_is_not():
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(*after_separate_step(ETA * (1 + 1e-9)), rtol=1e-13)


def test_the_products_are_those_of_the_step(monkeypatch):
    """The step calls matmul as often as the products do, with the same shapes."""
    calls, matmul = [], np.matmul
    monkeypatch.setattr(np, "matmul", lambda a, b, out: calls.append((a.shape, b.shape)) or matmul(a, b, out))
    functions = step.case((*SIZES[:-1], 10), M, np.dtype(np.float32))
    called = {}
    for name in ("products", "scratch"):
        calls.clear()
        functions[name]()
        called[name] = sorted(calls)
    assert called["products"] == called["scratch"]
    assert len(called["products"]) == 3 + 2 + 3


def test_a_ratio_is_the_median_of_the_rounds_ratios():
    assert ratio({"a": [1.0, 4.0, 3.0], "b": [1.0, 1.0, 1.0]}, "a", "b") == 3.0


def test_functions_take_turns_and_the_first_round_does_not_count():
    order = []
    seconds = in_turns({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, rounds=2, calls=1)
    assert order == ["a", "b"] * 3
    assert [len(times) for times in seconds.values()] == [2, 2]


TASK = peers.Task.random((7, 5, 10), 4)
OTHERWISE = {"torch.compile": "compiling takes a minute", "scikit-learn MLPClassifier": "it has its own cost"}


@functools.cache
def ends():
    return peers.passes(TASK)


def largest_difference(go):
    expected = ends()["scratch"]()
    moved = max(np.abs(a - b).max() for a, b in zip(expected, TASK.start.weights, strict=True))
    return max(np.abs(a - b).max() for a, b in zip(go(), expected, strict=True)) / moved


def test_a_pass_by_another_tool_ends_with_the_weights_of_scratch():
    compared = {name: go for name, go in ends().items() if name not in OTHERWISE}
    assert {"scratch", "torch eager", "torch eager, DataLoader"} <= set(compared)
    for go in compared.values():
        for _ in range(2):  # every pass starts anew
            assert largest_difference(go) < 1e-3


def test_a_pass_with_another_eta_does_not(monkeypatch):
    with monkeypatch.context() as otherwise:
        otherwise.setattr(peers, "ETA", 1.01 * peers.ETA)
        another = peers.by_hand_and_eager(TASK)["torch eager"]
    assert largest_difference(another) > 5e-3


def points(ratios):
    return [scaling.Point("examples in a mini-batch", 10**k, {"scratch": 2.0, "torch eager": 2 * r}) for k, r in ratios]


def test_two_lines_cross_where_one_becomes_faster():
    assert scaling.crossing(points([(0, 4.0), (1, 2.0), (2, 0.5)])) == pytest.approx(10**1.5)
    assert scaling.crossing(points([(0, 4.0), (1, 2.0)])) is None
    assert scaling.crossing(points([(0, 0.5), (1, 0.2)])) is None  # it was faster all along


def test_what_grows_is_measured_and_written(monkeypatch, tmp_path):
    monkeypatch.setattr(scaling, "SCALES", {"examples in a mini-batch": {m: ((5, 4, 10), m) for m in (1, 3)}})
    found = list(scaling.measure(rounds=1))
    scaling.write(found, tmp_path / "scaling.csv")
    rows = list(csv.DictReader((tmp_path / "scaling.csv").read_text().splitlines()))
    assert [(row["value"], row["by"]) for row in rows] == [(m, b) for m in "13" for b in ("scratch", "torch eager")]
    assert all(float(row["microseconds a step"]) > 0 for row in rows)


def test_the_peak_of_a_command_is_its_own_and_not_that_of_what_started_it():
    large = np.ones(100_000_000)  # 0.8 GB
    assert own_peak() > large.nbytes / 1e9
    assert 0.01 < peak_memory("--help") < 0.7
    del large
