"""What goes over the wire comes back as it was, or as the name of what it was; and nothing malformed is believed."""

from __future__ import annotations

import io
import json
import math
from collections import namedtuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from planted import faults

from compare.submission import wire
from compare.submission.wire import HEADER, MAGIC, Other, WireError, decode, encode

catches, test_a_planted_fault_is_caught = faults("compare.submission")
READ = wire._Reader.array
dtypes = st.sampled_from(["?", "i1", "u1", "<i4", ">i8", "<u2", "<f2", "<f4", ">f8"]).map(np.dtype)
numbers = st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats() | st.text()
some_arrays = arrays.arrays(dtypes, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0))
values = st.recursive(
    numbers | some_arrays,
    lambda v: st.lists(v) | st.lists(v).map(tuple) | st.dictionaries(st.text(), v),
    max_leaves=10,
)


def same(a, b):
    """Of the same kind, and the same to the bit; only the order of the bytes may be another."""
    if isinstance(a, np.ndarray):
        return type(b) is np.ndarray and b.dtype == a.dtype.newbyteorder("=") and b.shape == a.shape and alike(a, b)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return type(a) is type(b) and (a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b)))


def alike(a, b):
    return a.astype(b.dtype).tobytes() == b.tobytes() or np.array_equal(a, b, equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(values)
def test_what_is_sent_is_what_comes(value):
    assert same(value, decode(encode(value)))


@settings(max_examples=60, deadline=None)
@given(values)
def test_what_goes_through_is_what_comes_out_of_the_wire(value):
    out = wire.through(value)
    assert same(decode(encode(value)), out)
    assert encode(out) == encode(decode(encode(value)))


@catches("anything is plain", "wire._copied", lambda value, depth: value)
def test_what_is_not_plain_goes_through_as_the_wire_makes_it():
    odd = [
        object(),
        np.zeros(2, object),
        np.zeros((1, 1)).view(np.matrix),
        {1: 2},
        np.float32(1),
        2**70,
        np.zeros(2, complex),
    ]
    deep = [np.arange(3.0)]
    for _ in range(2 * wire.DEEPEST):
        deep = [deep]
    out = wire.through([*odd, deep])
    assert encode(out) == encode(decode(encode([*odd, deep])))
    assert [type(a) for a in out] == [type(b) for b in decode(encode([*odd, deep]))]


def test_what_went_through_is_a_copy():
    array = np.zeros(3)
    (out,) = wire.through([array])
    out += 1
    assert array.sum() == 0


@catches("columns for rows", "wire._Writer.array", lambda self, a: wire._other("type", type(a)))
def test_an_array_that_does_not_lie_in_rows_comes_as_it_was():
    turned = np.arange(6.0).reshape(2, 3).T
    assert same(turned, decode(encode(turned)))


def test_what_came_can_be_written_to():
    array = decode(encode(np.zeros(3)))
    array += 1
    assert array.flags.owndata


@pytest.mark.parametrize("scalar", [np.float64(2.5), np.float32(2.5), np.int8(3), np.bool_(True)], ids=repr)
def test_a_scalar_of_numpy_keeps_its_dtype(scalar):
    assert same(scalar, decode(encode(scalar)))


class Liar(np.ndarray):
    """Says that it equals everything."""

    __eq__ = lambda self, other: True  # noqa: E731
    __hash__ = None


def endless_list():
    items = []
    items.append(items)
    return items


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (object(), Other("type", "object")),
        ((i for i in ()), Other("type", "generator")),
        (np.zeros(2).view(Liar), Other("type", "test_wire.Liar")),
        (np.ma.zeros(2), Other("type", "numpy.ma.MaskedArray")),
        (np.array(None), Other("object", "object")),
        (np.zeros(2, complex), Other("dtype", "complex128")),
        (np.array(["a"]), Other("dtype", "<U1")),
        (1j, Other("type", "complex")),
        (2**64, Other("type", "int")),
        ({1: 2}, Other("type", "dict")),
        (b"", Other("type", "bytes")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_does_not_travel_is_named_in_its_place(value, expected):
    if isinstance(expected.type, str) and expected.type.startswith("numpy.ma"):
        expected = Other("type", f"{type(value).__module__}.MaskedArray")
    assert decode(encode([value])) == [expected]


@pytest.mark.skipif(np.finfo(np.longdouble).bits == 64, reason="numpy.longdouble is float64 here")
@catches(
    "it is told to be float64", "wire._Reader.array", lambda self, dtype, shape: READ(self, dtype, shape).astype("f8")
)
def test_a_longdouble_keeps_its_dtype_and_the_digits_of_float64():
    third = np.longdouble(1) / 3
    array, scalar = decode(encode([np.array([[third, -1e-300]]), third]))
    assert (array.dtype, array.shape, type(scalar)) == (np.longdouble, (1, 2), np.longdouble)
    assert array.tolist() == [[1 / 3, -1e-300]]
    assert scalar == 1 / 3


def test_a_named_tuple_is_a_tuple():
    assert decode(encode(namedtuple("Pair", "a b")(1, 2))) == (1, 2)


def test_a_list_in_itself_ends():
    assert "depth" in repr(decode(encode(endless_list())))


@pytest.mark.parametrize(
    "value", [np.broadcast_to(1.0, (10**6, 10**6)), [0] * 1_001, ["x" * 100_001]], ids=["array", "values", "text"]
)
def test_too_much_is_not_sent(value, monkeypatch):
    monkeypatch.setattr(wire, "MOST_VALUES", 1_000)
    monkeypatch.setattr(wire, "MOST_SKELETON", 100_000)
    with pytest.raises(WireError):
        encode(value)


def message(skeleton, arrays=b""):
    text = skeleton if isinstance(skeleton, bytes) else json.dumps(skeleton).encode()
    return HEADER.pack(MAGIC, len(text), len(arrays)) + text + arrays


MALFORMED = {
    "empty": b"",
    "cut off in the header": message(1)[:7],
    "cut off after it": message([1, 2])[:-1],
    "longer than it says": message(1) + b"!",
    "another magic": b"PK\3\4" + message(1)[4:],
    "a length of exabytes": HEADER.pack(MAGIC, 0, 1 << 60),
    "a skeleton of gigabytes": HEADER.pack(MAGIC, (1 << 32) - 1, 0),
    "no JSON": message(b"{"),
    "no UTF-8": message(b'"\xff"'),
    "too deep for the parser": message(b"[" * 100_000),
    "too deep": message(b"[" * 50 + b"]" * 50),
    "a number of a million digits": message(b"1" * 1_000_000),
    "two tags": message({"tuple": [], "dict": {}}),
    "no tag": message({}),
    "an unknown tag": message({"pickle": "cos\nsystem"}),
    "a tuple of a number": message({"tuple": 3}),
    "objects": message({"array": ["|O", [1]]}, bytes(8)),
    "no dtype": message({"array": [["<f8"], [1]]}, bytes(8)),
    "a dtype of a terabyte": message({"array": ["|V1099511627776", [1]]}, bytes(8)),
    "a shape below zero": message({"array": ["<f8", [-1]]}, bytes(8)),
    "a shape of truths": message({"array": ["<f8", [True]]}, bytes(8)),
    "a shape that is none": message({"array": ["<f8", 1]}, bytes(8)),
    "a shape of exabytes": message({"array": ["<f8", [1 << 30, 1 << 30]]}, bytes(8)),
    "a shape of nothing times exabytes": message({"array": ["<f8", [0] + [1 << 30] * 9]}),
    "a hundred dimensions": message({"array": ["<f8", [1] * 100]}, bytes(8)),
    "less than it says": message({"array": ["<f8", [2]]}, bytes(8)),
    "more than it says": message({"array": ["<f8", [1]]}, bytes(16)),
    "two that share": message([{"array": ["<f8", [1]]}] * 2, bytes(8)),
    "a scalar of two": message({"scalar": ["<f8", [2]]}, bytes(16)),
}


@catches("any depth", "wire.DEEPEST", 1000, name="too deep")
@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_message_is_refused(name):
    with pytest.raises(WireError):
        decode(MALFORMED[name])


@catches("any length", "wire.MOST_BYTES", 1 << 62, name="a length of exabytes")
@catches("any skeleton", "wire.MOST_SKELETON", 1 << 40, name="a skeleton of gigabytes")
@catches("any start", "wire.MAGIC", b"PK\3\4", name="another magic")
@pytest.mark.parametrize("name", ["a length of exabytes", "a skeleton of gigabytes", "another magic"])
def test_a_header_is_refused_before_what_it_announces_is_waited_for(name):
    with pytest.raises(WireError):
        wire.length(MALFORMED[name])


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=100), st.binary(max_size=40))
def test_no_bytes_whatever_do_more_than_be_refused(text, arrays):
    for data in (text, message(text, arrays)):
        try:
            decode(data)
        except WireError:
            continue


def test_a_truth_is_0_or_1_whatever_its_byte():
    (array,) = decode(message([{"array": ["|b1", [2]]}], b"\x00\x07"))
    assert array.view(np.uint8).tolist() == [0, 1]


def test_messages_follow_one_another_on_a_stream():
    stream = io.BytesIO()
    wire.send(stream, encode([1]))
    wire.send(stream, encode("two"))
    stream.seek(0)
    assert [wire.receive(stream), wire.receive(stream)] == [[1], "two"]
    with pytest.raises(EOFError):
        wire.receive(stream)
