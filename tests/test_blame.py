"""A mistake is charged to its equation and layer and to no other, by the implementation's own values before it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted import faults

import compare.diagnosis.bank  # noqa: F401 - fills MISTAKES
from compare.diagnosis import blame
from compare.diagnosis.autograd import expect
from compare.diagnosis.case import Observed, Shown
from compare.diagnosis.derivation import Derivation
from compare.diagnosis.facts import CLOSE
from compare.diagnosis.mistake import MISTAKES
from compare.diagnosis.probes import probes
from compare.matrix.implementations import right
from compare.trace import Trace

catches, test_a_planted_fault_is_caught = faults("compare.diagnosis.blame")
held_worst, READ, SHOWN = blame.Held.worst, blame._read, Observed.shown
L = 3

# What is charged where the mistake is made in one layer. σ left out is not among them: σ′ is still that of z.
PLANTED = {
    "a = σ(z)": ("bias left out", "bias subtracted", "softmax at the output", "brackets left out of σ"),
    "BP1": ("σ′ left out of BP1", "σ′ twice in BP1", "δ of the cross-entropy", "∂C/∂a doubled", "∂C/∂a divided by m"),
    "BP2": ("σ′ left out of BP2", "σ′ of the layer above, before w, in BP2", "only the last layer trained"),
    "BP3": ("∇b zero", "∇b summed over both axes", "∇b of the last example only", "∇b divided by n"),
    "BP4": ("∇w zero", "∇w the product of two means", "∇w of the first example only", "z in place of a in ∇w"),
    "SGD": ("w updated with + in place of −", "biases not updated", "η forgotten for w", "η forgotten for b"),
}
OF_LAYERS = {"a = σ(z)": range(1, L + 1), "BP1": [L], "BP2": [1, 2]}
CASES = [
    pytest.param(equation, name, layer, id=f"{name}, layer {layer}")
    for equation, names in PLANTED.items()
    for name in names
    for layer in OF_LAYERS.get(equation, range(1, L + 1))
    if not (name == "softmax at the output" and layer < L) and not (name == "z in place of a in ∇w" and layer == 1)
]


def alone(case):
    return [replace(case, x=case.x[i : i + 1], y=case.y[i : i + 1], summed=False) for i in range(case.m)]


def observed(planted, case, deltas=True):
    found = Derivation(planted).observe(case)
    return found if deltas else Observed(replace(found.trace, deltas=[]))


def charged(planted, case, shows):
    """What is charged: by δ as it is returned, by δ of the examples one by one, or by the update alone."""
    if shows == "deltas":
        return blame.charges(case, observed(planted, case), expect(case))
    examples = [observed(planted, one, deltas=False) for one in alone(case)]
    whole = observed(planted, case, deltas=False)
    if shows == "the update alone":
        pairs = zip([case, *alone(case)], [whole, *examples], strict=True)
        read = [blame.read_off(one, Observed(replace(Shown(), after=o.trace.after))) for one, o in pairs]
        whole, *examples = read
    least = CLOSE[case.x.dtype.name]
    return blame.charges(case, whole, expect(case), examples, least)


def planted_of(name, layer=None):
    return MISTAKES[name].planted(layer)


def from_right_values(held, key):
    """As a plain comparison would charge: everything after the first mistake, too."""
    if key.equation == "SGD":
        return held_worst(held, key)
    return held_worst(replace(held, trace=replace(held.expected, **{key.name: getattr(held.trace, key.name)})), key)


@catches(
    "held against right values only",
    "Held.worst",
    from_right_values,
    equation="BP1",
    name="σ′ left out of BP1",
    layer=3,
)
@catches("nothing is charged", "Held.worst", lambda held, key: 0.0, equation="BP4", name="∇w zero", layer=2)
@pytest.mark.parametrize(("equation", "name", "layer"), CASES)
def test_a_mistake_is_charged_to_its_equation_and_layer_and_to_no_other(equation, name, layer):
    found = charged(planted_of(name, layer), probes(0, L).batch, "deltas")
    assert {(charge.key.equation, charge.key.layer) for charge in found} == {(equation, layer)}
    assert all(charge.worst > 1e6 for charge in found)


# Of one example alone that is right: it cannot be told from a gradient that is divided by m twice.
ONE_BY_ONE = [case for case in CASES if case.values[1] != "∂C/∂a divided by m"]


@catches(
    "BP3 is taken for δ", "_of_the_bias", lambda held, charge: charge, equation="BP3", name="∇b divided by n", layer=2
)
@catches("no examples", "_with_deltas", lambda t, c, e: (t, False), equation="BP2", name="σ′ left out of BP2", layer=2)
@pytest.mark.parametrize(("equation", "name", "layer"), ONE_BY_ONE)
def test_where_no_deltas_are_shown_the_examples_one_by_one_tell_the_equation(equation, name, layer):
    found = charged(planted_of(name, layer), probes(0, L).batch, "examples")
    assert {(charge.key.equation, charge.key.layer) for charge in found} == {(equation, layer)}


BY_THE_UPDATE = [case for case in ONE_BY_ONE if case.values[0] not in ("SGD", "a = σ(z)")]


@catches(
    "read off with the wrong sign",
    "_read",
    lambda c, b, a: [-x for x in READ(c, b, a)],
    equation="BP4",
    name="∇w zero",
    layer=1,
)
@pytest.mark.parametrize(("equation", "name", "layer"), BY_THE_UPDATE)
def test_where_only_the_update_is_shown_the_gradient_read_off_it_tells_the_equation(equation, name, layer):
    found = charged(planted_of(name, layer), probes(0, L).batch, "the update alone")
    assert {(charge.key.equation, charge.key.layer) for charge in found} == {(equation, layer)}


TWO = [
    ("bias left out", "∇w zero", {"a = σ(z)", "BP4"}),
    ("σ′ left out of BP1", "σ′ left out of BP2", {"BP1", "BP2"}),
    ("∇b zero", "w updated with + in place of −", {"BP3", "SGD"}),
    ("δ of the cross-entropy", "∇w the product of two means", {"BP1", "BP4"}),
    ("only the last layer trained", "η forgotten for b", {"BP2", "SGD"}),
]


@catches(
    "the first charge only", "Observed.shown", lambda o: SHOWN(o)[:4], a=TWO[0][0], b=TWO[0][1], equations=TWO[0][2]
)
@pytest.mark.parametrize(("a", "b", "equations"), TWO, ids=[f"{a} and {b}" for a, b, _ in TWO])
def test_two_mistakes_in_different_equations_are_both_charged(a, b, equations):
    for shows in ("deltas", "examples"):
        found = charged([*planted_of(a), *planted_of(b)], probes(0, L).batch, shows)
        assert {charge.key.equation for charge in found} == equations, shows


def exact(held, actual, right):
    return float(np.abs(actual - right.value).max() > 0) * 2


@catches("no rounding allowed", "Held._ratio", exact, dtype="float64")
@pytest.mark.parametrize("dtype", CLOSE)
def test_right_implementations_are_never_charged(dtype):
    for seed in range(4):
        found = probes(seed, 1 + seed % 4, factor=1.0 + seed % 2, summed=seed % 3 == 0, dtype=dtype)
        for program in right():
            for case in (found.batch, found.single):
                assert charged(program.planted, case, "deltas") == [], (program.name, seed)
            shows = ("examples", "the update alone")[seed % 2]
            assert charged(program.planted, found.later, shows) == [], (program.name, seed, shows)


def test_what_is_no_number_because_of_what_was_before_it_is_charged_once():
    case = probes(0, L).batch
    case = replace(case, weights=[case.weights[0] * 5000, *case.weights[1:]])
    with np.errstate(all="ignore"):
        found = charged(planted_of("σ overflows"), case, "deltas")
    assert {(charge.key.equation, charge.key.layer) for charge in found} == {("a = σ(z)", 1)}


def test_what_is_not_shown_is_not_charged():
    case = probes(0, L).batch
    trace = observed(planted_of("∇w zero"), case).trace
    gradient = Shown(nabla_b=trace.nabla_b, nabla_w=trace.nabla_w)
    assert isinstance(gradient, Trace)
    found = blame.charges(case, Observed(gradient), expect(case))
    assert {charge.key.name for charge in found} == {"nabla_w"}
