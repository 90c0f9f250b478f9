"""A tensor that is missing, misshapen or not finite, on either side, is a mismatch that names it: no crash, no pass."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from mistakes import MISTAKES
from plain import PlainSide
from planted import faults
from problems import fixed

from compare import contract, ratio
from compare.key import Key, find, keys
from compare.trace import Trace
from compare.verdict import Outcome, locate

catches, test_a_planted_fault_is_caught = faults("compare")
PROBLEM = fixed()
SIDES = {
    "actual": list(keys(2)),
    "expected": [key for key in keys(2) if key.equation != "SGD"],  # the reference comes without updated parameters
}
NOT_AS_OWED = {
    "None": lambda array: None,
    "a list": lambda array: array.tolist(),
    "objects": lambda array: array.astype(object),
    "float32": lambda array: array.astype(np.float32),
    "complex": lambda array: array.astype(complex),
    "the other byte order": lambda array: array.astype(">f8"),
    "masked": lambda array: np.ma.masked_array(array, mask=True),
    "a step less": lambda array: array[:-1],
    "an axis more": lambda array: array[..., None],
    "the last axis short": lambda array: array[..., :-1],
}
NOT_FINITE = {"NaN": np.nan, "∞": np.inf, "-∞": -np.inf}
both = pytest.mark.parametrize("side", SIDES)
violations, problem_of, outer_ratio = contract.violations, contract._problem, ratio._outer_ratio


def put(trace, key, value):
    """Put something in the place of a tensor of a trace."""
    holder = trace.after if key.equation == "SGD" and isinstance(trace, Trace) else trace
    if isinstance(getattr(holder, key.name), list):
        getattr(holder, key.name)[key.layer - 1] = value
    else:
        setattr(holder, key.name, value)


@cache
def correct():
    """Three steps and what both sides make of them: (block, before, actual, expected)."""
    judge, block = PROBLEM.judge(), PROBLEM.block()
    before, actual = PlainSide(PROBLEM.start(), PROBLEM.cost, PROBLEM.eta).advance(block)
    return block, before, actual, judge.reference.trace(before, block.x, block.y)


def judged(side, change):
    """The verdict on three correct steps, the trace of one side changed before it is judged."""
    block, before, actual, expected = deepcopy(correct())
    change({"actual": actual, "expected": expected}[side])
    judge = PROBLEM.judge()
    judge.reference.trace = lambda *_: expected
    judge.block(block, before, actual)
    return judge.verdict


def last_of(key):
    """The index of the last element of that tensor in a step."""
    return tuple(n - 1 for n in find(correct()[2], key).shape[1:])


def spoil(key, change):
    return lambda trace: put(trace, key, change(find(trace, key).copy()))


def one_element(value):
    """That value in the last element of step 1."""

    def change(array):
        array[1, *[-1] * (array.ndim - 1)] = value
        return array

    return change


def shapes_only(array, want, dtype):
    return None if array is not None and np.shape(array) == want else problem_of(array, want, dtype)


def of_the_expected_side(trace, side, *arguments):
    return violations(trace, side, *arguments) if side == "expected" else iter(())


def blind_to_nan(a, e, allowed):
    return np.nan_to_num(outer_ratio(a, e, allowed))


@catches("dtypes not looked at", "contract._problem", shapes_only, kind="float32", side="actual")
@catches(
    "one side taken at its word",
    "judge.violations",
    of_the_expected_side,
    kind="the other byte order",
    side="actual",
)
@both
@pytest.mark.parametrize("kind", NOT_AS_OWED)
def test_a_tensor_that_is_not_as_owed_is_a_mismatch_that_names_it(side, kind):
    for key in SIDES[side]:
        verdict = judged(side, spoil(key, NOT_AS_OWED[kind]))
        assert verdict.outcome is Outcome.MISMATCH, str(key)
        assert verdict.first_divergence.key == key
        assert f"{side} {key}: " in str(verdict.first_divergence)
        assert "expected" in verdict.first_divergence.problem


BEFORE = [key for key in keys(2) if key.equation == "SGD"]


@catches("dtypes not looked at", "contract._problem", shapes_only, kind="float32")
@pytest.mark.parametrize("kind", NOT_AS_OWED)
def test_parameters_before_a_step_that_are_not_as_owed_are_a_mismatch_that_names_them(kind):
    for key in BEFORE:
        block, before, actual, _ = deepcopy(correct())
        put(before, key, NOT_AS_OWED[kind](find(before, key)))
        judge = PROBLEM.judge()
        judge.block(block, before, actual)
        assert judge.verdict.outcome is Outcome.MISMATCH, str(key)
        assert judge.verdict.first_divergence.key == key
        assert f"actual {key} before the step: " in str(judge.verdict.first_divergence)


@catches("NaN ignored", "ratio._outer_ratio", blind_to_nan, side="actual", kind="NaN")
@catches("NaN ignored", "ratio._outer_ratio", blind_to_nan, side="expected", kind="NaN")
@both
@pytest.mark.parametrize("kind", NOT_FINITE)
def test_one_element_that_is_not_finite_is_a_mismatch_at_its_step_and_place(side, kind):
    for key in SIDES[side]:
        verdict = judged(side, spoil(key, one_element(NOT_FINITE[kind])))
        first = verdict.first_divergence
        assert verdict.outcome is Outcome.MISMATCH, str(key)
        assert (first.key, first.step, first.index) == (key, 1, last_of(key))
        assert not np.isfinite(first.actual if side == "actual" else first.expected)
        assert not verdict.worst_ratio <= 1


@pytest.mark.parametrize("name", ["zs", "activations", "deltas", "nabla_b", "nabla_w"])
def test_a_list_that_lacks_its_last_layer_is_a_mismatch(name):
    verdict = judged("actual", lambda trace: getattr(trace, name).pop())
    assert verdict.outcome is Outcome.MISMATCH
    assert (verdict.first_divergence.key.name, verdict.first_divergence.key.layer) == (name, 2)


def test_a_trace_without_updated_parameters_is_a_mismatch():
    verdict = judged("actual", lambda trace: setattr(trace, "after", None))
    assert verdict.outcome is Outcome.MISMATCH
    assert verdict.first_divergence.key == Key("SGD", "biases", 2)


@pytest.mark.parametrize("scale", [-1.0, 0.0, np.nan, np.inf, None])
def test_a_scale_of_the_gradients_that_is_no_positive_number_is_a_mismatch(scale):
    judge, block = PROBLEM.judge(), PROBLEM.block()
    before, trace = PlainSide(PROBLEM.start(), PROBLEM.cost, PROBLEM.eta).advance(block)
    for gradients in (trace.nabla_w, trace.nabla_b):
        gradients[:] = [-nabla for nabla in gradients]
    trace.scale = scale
    judge.block(block, before, trace)
    assert judge.verdict.outcome is Outcome.MISMATCH


def overflowing(dtype="float32"):
    """(problem, start, block): z is no longer finite in the last of three steps, where two pixels are not 0."""
    problem = fixed(dtype=dtype, sizes=(3, 2, 2), m=2)
    start, block = problem.start(), problem.block()
    start.weights[0][:, :2] = np.finfo(dtype).max
    block.x[:2, :, :2] = 0
    block.x[2] = 1
    return problem, start, block


def twice(problem, side, block):
    """The verdict on the block after a block that is fine."""
    judge, fine = problem.judge(), replace(problem, inputs="pixels").block()
    fine.x[:, :, :2] = 0
    with np.errstate(all="ignore"):
        judge.block(fine, *side.advance(fine))
        judge.block(block, *side.advance(block))
    return judge.verdict


@catches(
    "a step that is not finite taken for fine",
    "verdict.Verdict.outcome",
    property(lambda _: Outcome.MATCH),
    dtype="float32",
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_where_both_sides_are_no_longer_finite_the_step_is_told_and_nothing_is_proved(dtype):
    problem, start, block = overflowing(dtype)
    verdict = twice(problem, PlainSide(start, problem.cost, problem.eta), block)
    assert (verdict.diverged_at, verdict.first_divergence) == (5, None)
    assert verdict.outcome is Outcome.INCONCLUSIVE


@catches(
    "divergence before proof", "verdict.Verdict.outcome", property(lambda _: Outcome.INCONCLUSIVE), name="∇w summed"
)
@pytest.mark.parametrize("name", ["∇w summed", "b the wrong way"])
def test_a_mistake_stays_proved_where_both_sides_are_later_no_longer_finite(name):
    problem, start, block = overflowing()
    verdict = twice(problem, PlainSide(start, problem.cost, problem.eta, MISTAKES[name], steps=[0]), block)
    assert verdict.outcome is Outcome.MISMATCH
    assert (verdict.first_divergence.step, verdict.diverged_at) == (0, 5)


@pytest.mark.parametrize("bound", [np.inf, np.nan])
def test_beside_a_bound_that_is_not_finite_only_what_is_not_finite_either_is_proved_wrong(bound):
    for actual, proved in ((1.0, False), (1e308, False), (np.inf, True), (np.nan, True)):
        with np.errstate(all="ignore"):
            found = locate(Key("z = wa + b", "zs", 1), 0, np.array([actual]), np.array([1.5e308]), np.array([bound]))
        assert (found is not None) is proved, str(actual)


@pytest.mark.parametrize("size", [1e307, 1.7e308])
def test_weights_near_the_largest_number_are_no_mismatch(size):
    problem = fixed(sizes=(2, 8, 2), m=20)
    start = problem.start()
    start.vector[:] = size * np.sign(start.vector)
    with np.errstate(all="ignore"):
        verdict = problem.verdict(PlainSide(start, problem.cost, problem.eta))
    assert verdict.first_divergence is None, str(verdict.first_divergence)
