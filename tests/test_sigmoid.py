"""σ and σ′ are right to the roundings that the bound allows them, for every finite z; checks reject planted faults."""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import faults

from compare.precision import PRECISIONS
from compare.tolerance import SIGMOID_ROUNDINGS
from scratch import sigmoid

catches, test_a_planted_fault_is_caught = faults("scratch.sigmoid")
catches_torch, test_a_fault_planted_in_torch_is_caught = faults("torch")
right, right_prime, right_into, right_torch = (
    sigmoid.sigmoid,
    sigmoid.sigmoid_prime,
    sigmoid.sigmoid_into,
    torch.sigmoid,
)
quick = settings(max_examples=50, derandomize=True, deadline=None, report_multiple_bugs=False)
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])


def sweep(dtype):
    """z from where σ is no normal number any more to where it is 1, and every size of z between."""
    rng, low = np.random.default_rng(0), np.log(np.finfo(dtype).tiny)
    sizes = 2.0 ** rng.uniform(-40, 7, 500) * rng.choice([-1, 1], 500)
    z = np.concatenate([[0.0], rng.uniform(low, 40, 500), rng.normal(0, 3, 500), sizes, rng.uniform(low - 40, low, 99)])
    return z.astype(dtype)


@cache
def exact(dtype):
    """σ = 1 / (1 + e⁻ᶻ) and σ′ = e⁻ᶻ / (1 + e⁻ᶻ)² of each z of the sweep, to fifty digits."""
    z = sweep(dtype)
    with localcontext(prec=50):
        e = [(-Decimal(float(z_i))).exp() for z_i in z]
        return [1 / (1 + e_i) for e_i in e], [e_i / (1 + e_i) ** 2 for e_i in e]


def worst(found, truth):
    """The largest error in roundings of the number, or in smallest normal numbers where it is none itself."""
    precision = PRECISIONS[found.dtype.name]
    u, tiny = Decimal(precision.u), Decimal(precision.tiny)
    return float(
        max(abs(Decimal(float(a)) - e) / (u * e if e > tiny else tiny) for a, e in zip(found, truth, strict=True))
    )


def rounded_off(f, roundings):
    """f with a relative error of so many roundings."""
    return lambda z: f(z) * (1 + roundings * np.finfo(z.dtype).epsneg)


@catches("e^-z for e^z", "sigmoid", lambda z: right(-z), dtype=np.float64)
@catches("12 roundings off", "sigmoid", rounded_off(right, 12), dtype=np.float32)
@catches("(1 + tanh z/2) / 2", "sigmoid", lambda z: (1 + np.tanh(z / 2)) / 2, dtype=np.float64)
@both_dtypes
def test_sigma_is_within_the_roundings_that_the_bound_allows_it(dtype):
    z = sweep(dtype)
    assert worst(sigmoid.sigmoid(z), exact(dtype)[0]) <= SIGMOID_ROUNDINGS


@catches_torch("bfloat16", "sigmoid", lambda z: right_torch(z.bfloat16()).to(z.dtype), dtype=np.float32, at_once=2000)
@catches_torch(
    "12 roundings off", "sigmoid", lambda z: right_torch(z) * (1 + 12 * 2.0**-53), dtype=np.float64, at_once=1
)
@pytest.mark.parametrize("at_once", [1, 2000], ids=["one by one", "vectorised"])
@both_dtypes
def test_torchs_sigma_is_within_the_roundings_that_the_bound_allows_it(dtype, at_once):
    z = sweep(dtype)
    found = torch.cat([torch.sigmoid(part) for part in torch.from_numpy(z).split(at_once)])
    assert worst(found.numpy(), exact(dtype)[0]) <= SIGMOID_ROUNDINGS


@catches("as Nielsen writes it", "sigmoid_prime", lambda z: right(z) * (1 - right(z)), dtype=np.float32)
@catches("sigma'(a) for sigma'(z)", "sigmoid_prime", lambda z: right_prime(right(z)), dtype=np.float64)
@both_dtypes
def test_sigma_prime_loses_no_digit_where_sigma_is_nearly_1(dtype):
    """Two σ of SIGMOID_ROUNDINGS each, and their product."""
    z = sweep(dtype)
    assert worst(sigmoid.sigmoid_prime(z), exact(dtype)[1]) <= 2 * SIGMOID_ROUNDINGS + 1


@catches("1 / (1 + e^-z) as it stands", "sigmoid", lambda z: 1 / (1 + np.exp(-z)), dtype=np.float32)
@catches("e^z / (1 + e^z) as it stands", "sigmoid", lambda z: np.exp(z) / (1 + np.exp(z)), dtype=np.float64)
@both_dtypes
@quick
@given(st.data())
def test_no_finite_z_overflows_warns_or_leaves_0_to_1(dtype, data):
    limits = np.finfo(dtype)
    z = data.draw(st.floats(float(limits.min), float(limits.max), width=limits.bits))
    raised = []
    with np.errstate(over="call", invalid="call", divide="call", call=lambda kind, _: raised.append(kind)):
        a = sigmoid.sigmoid(np.array([z, -z, limits.min, limits.max, limits.tiny, 0, limits.smallest_subnormal], dtype))
    assert raised == []
    assert a.dtype == dtype
    assert ((a >= 0) & (a <= 1)).all()
    assert a[2:].tolist() == [0, 1, 0.5, 0.5, 0.5]


@catches("a step", "sigmoid", lambda z: (z > 0).astype(z.dtype), dtype=np.float64)
@catches("a fold at 15", "sigmoid", lambda z: right(np.where(z > 15, 30 - z, z).astype(z.dtype)), dtype=np.float32)
@both_dtypes
def test_sigma_rises_wherever_the_dtype_can_tell_and_never_falls_by_more_than_rounding(dtype):
    z = np.arange(np.floor(np.log(np.finfo(dtype).tiny)) + 1, 100, 1 / 16).astype(dtype)
    rises = np.diff(sigmoid.sigmoid(z))
    assert (rises[z[1:] < 10] > 0).all()
    assert (rises >= -2 * SIGMOID_ROUNDINGS * PRECISIONS[z.dtype.name].u).all()


def test_a_number_is_taken_as_float64():
    assert right(0) == 0.5
    assert right(-1.5).dtype == np.float64
    assert right(-1.5) == right(np.array([-1.5]))[0]


@catches("a quarter less", "sigmoid", lambda z: right(z) - z.dtype.type(0.25))
def test_sigma_of_0_is_a_half():
    assert [sigmoid.sigmoid(np.zeros(3, dtype)).tolist() for dtype in (np.float32, np.float64)] == [[0.5] * 3] * 2


@catches(
    "steeper above 0", "sigmoid", lambda z: right(np.where(z > 0, z * (1 + 1e-5), z).astype(z.dtype)), dtype=np.float32
)
@both_dtypes
def test_sigma_of_minus_z_is_one_minus_sigma_of_z_to_rounding(dtype):
    """The two errors are SIGMOID_ROUNDINGS of numbers that are 1 together; the difference 1 − σ is rounded once."""
    z = sweep(dtype)
    lost = np.abs(sigmoid.sigmoid(-z) - (1 - sigmoid.sigmoid(z)))
    assert lost.max() <= (SIGMOID_ROUNDINGS + 1) * PRECISIONS[z.dtype.name].u


@catches("sigma", "sigmoid_prime", right)
@catches("half of it", "sigmoid_prime", lambda z: right_prime(z) / 2)
def test_sigma_prime_is_the_slope_of_sigma():
    """(σ(z + h) − σ(z − h)) / 2h parts from σ′ by h² sup|σ‴| / 6 = h² / 48, and by rounding."""
    z, h = np.linspace(-8, 8, 101), 2.0**-12
    slope = (sigmoid.sigmoid(z + h) - sigmoid.sigmoid(z - h)) / (2 * h)
    assert np.abs(sigmoid.sigmoid_prime(z) - slope).max() <= h**2 / 48 + 2 * SIGMOID_ROUNDINGS * 2.0**-53 / (2 * h)


@catches("z overwritten", "sigmoid_into", lambda z, out, spare, one: [right_into(z, out, spare, one), z.fill(0)])
@catches("the result in spare", "sigmoid_into", lambda z, out, spare, one: right_into(z, spare, out, one))
def test_sigma_into_an_array_leaves_z_alone():
    z = sweep(np.float64)
    kept, out = z.copy(), np.empty_like(z)
    sigmoid.sigmoid_into(z, out, np.empty_like(z), sigmoid.Constants.of(z.dtype))
    assert worst(out, exact(np.float64)[0]) <= SIGMOID_ROUNDINGS
    assert z.tolist() == kept.tolist()


@catches("out used before z", "sigmoid_into", lambda z, out, spare, one: [out.fill(0), right_into(z, out, spare, one)])
def test_sigma_can_take_the_place_of_z():
    z = sweep(np.float64)
    sigmoid.sigmoid_into(z, z, np.empty_like(z), sigmoid.Constants.of(z.dtype))
    assert worst(z, exact(np.float64)[0]) <= SIGMOID_ROUNDINGS
