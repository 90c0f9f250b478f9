import re
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from planted import faults

import compare.diagnosis.bank  # noqa: F401 - fills MISTAKES
from compare.diagnosis import mistake
from compare.diagnosis.case import Case
from compare.diagnosis.derivation import Derivation
from compare.diagnosis.equations import EQUATIONS
from compare.diagnosis.mistake import MISTAKES
from compare.key import tensor
from compare.reference import Reference

catches, test_a_planted_fault_is_caught = faults("compare.diagnosis")

N = 20  # the size of the training set: small, so that a step divided by it is not lost beside w
NAMES, RIGHT = sorted(MISTAKES), "no mistake"
COSTS = {"half mean": (1, False), "full mean": (2, False), "half sum": (1, True), "full sum": (2, True)}
SQUARE = [((4, 4, 4, 4), 4)]  # m = n_l as well: here every mistake can be made
SEQUENCES = [[((4, 4, 4, 4), 5), ((4, 4, 4, 4), 3)], [((6, 5, 4, 3), 7), ((6, 5, 4, 3), 5)], SQUARE]
BLAMED = {"∂C/∂a": "BP1", "σ′": "BP1", "SGD b": "SGD", "SGD w": "SGD"}  # where a slot that is not shown comes to light


def random_case(sizes, m, cost="half mean", seed=0, size=1.0):
    rng = np.random.default_rng(seed)
    weights = [rng.standard_normal((n, below)) / np.sqrt(below) for below, n in pairwise(sizes)]
    biases = [rng.standard_normal(n) for n in sizes[1:]]
    x, y = size * rng.standard_normal((m, sizes[0])), rng.random((m, sizes[-1]))
    for array in (*weights, *biases, x, y):
        array.setflags(write=False)
    return Case(weights, biases, x, y, 3.0, *COSTS[cost])


def sequence(of, cost="half mean", size=1.0):
    return [random_case(sizes, m, cost, seed, size) for seed, (sizes, m) in enumerate(of)]


def observe(name, cases):
    derivation = Derivation(mistake.MISTAKES[name].planted() if name != RIGHT else (), n=N)
    return [derivation.observe(case) for case in cases]


def largest(array):
    return np.abs(array).max()


TOO_STEEP = {**EQUATIONS, "σ′": lambda s, l: 1.001 * EQUATIONS["σ′"](s, l)}


@catches("σ′ 0.1 % too large", "derivation.EQUATIONS", TOO_STEEP, cost="half sum")
@catches("off by 1e-12", "derivation._list", lambda layers: [1e-12 + layers[l][None] for l in layers], cost="half sum")
@pytest.mark.parametrize("cost", COSTS)
def test_the_derivation_without_mistakes_is_what_autograd_finds(cost):
    for seed, (sizes, m) in enumerate(product([(3, 2), (6, 5, 4, 3), (2, 7, 1)], (1, 7))):
        case = random_case(sizes, m, cost, seed)
        reference = Reference(sizes, case.factor, case.x.dtype)
        expected = reference.trace(case.before, case.x[None], case.y[None], case.scale)
        expected.after = stepped(case, expected)
        actual = Derivation().observe(case)
        for key in actual.shown():
            assert largest(tensor(actual.trace, key) - tensor(expected, key)) < 1e-13, key


def stepped(case, trace):
    after = case.before
    after.weights = [w - case.eta * nabla for w, nabla in zip(after.weights, trace.nabla_w, strict=True)]
    after.biases = [b - case.eta * nabla for b, nabla in zip(after.biases, trace.nabla_b, strict=True)]
    return after


def first_wrong(name, cases):
    """The first quantity, in the order of computation, that is not what it should be; None if there is none."""
    for right, wrong in zip(observe(RIGHT, cases), observe_if_possible(name, cases) or [], strict=False):
        for key in right.shown():
            expected, actual = tensor(right.trace, key), tensor(wrong.trace, key)
            if not largest(actual - expected) < 1e-9 * largest(expected):
                return key
    return None


def spoilt(**fields):
    return {**MISTAKES, "bias left out": replace(MISTAKES["bias left out"], **fields)}


def nothing(s, l, right):
    return right(s, l)


def edits_x(s, l, right):
    s.activations[0] -= 1
    return right(s, l)


@catches("one that changes nothing", "mistake.MISTAKES", spoilt(wrong=nothing), name="bias left out")
@catches("blamed on SGD", "mistake.MISTAKES", spoilt(equations=("SGD b", "z = wa + b")), name="bias left out")
@pytest.mark.parametrize("name", NAMES)
def test_a_mistake_shows_first_in_the_equation_that_it_is_blamed_on(name):
    situations = [
        sequence(SEQUENCES[0]),
        sequence(SQUARE),  # ∇b over the wrong axis, which needs m = n_l
        sequence(SQUARE, "half sum"),  # a mean where a sum is asked
        sequence(SQUARE, size=5000),  # e^z infinite
    ]
    found = next((key.equation for cases in situations if (key := first_wrong(name, cases))), "nowhere")
    blamed = mistake.MISTAKES[name].equation
    assert found == BLAMED.get(blamed, blamed)


def observe_if_possible(name, cases):
    try:
        return observe(name, cases)
    except ValueError:  # not with layers of these widths
        return None


@catches("x edited", "mistake.MISTAKES", spoilt(wrong=edits_x))
def test_every_mistake_can_be_made_on_square_layers_without_a_change_to_the_case():
    impossible = [name for name in NAMES if not observe_if_possible(name, sequence(SQUARE))]  # the arrays are read-only
    assert not impossible


SILENT = {RIGHT, "σ overflows"}  # they differ where e^z is infinite, which is not here
MEAN = {"∇b a mean in place of a sum", "∇w a mean in place of a sum", "∇b and ∇w a mean in place of a sum"}
SUM = {
    *("∇b not divided by m", "∇w not divided by m", "∇b and ∇w not divided by m"),
    *("∇b and ∇w divided by m twice", "divided by the first mini-batch's m"),
}
HALF = [{"σ′ left out of BP1", "δ of the cross-entropy"}]  # ∂C/∂a is a − y: without σ′ both are
FULL = [{"∂C/∂a of MSELoss", "∂C/∂a a mean over the outputs"}]  # both are 2(a − y)/n_L
ONE_EXAMPLE = [  # there is no 1/m in a sum that would tell them apart
    {f"{nabla} of the last example only", f"{nabla} overwritten by each example"} for nabla in ("∇b", "∇w", "∇b and ∇w")
]
ALIKE = {
    "half mean": [SILENT | MEAN, *HALF],
    "full mean": [SILENT | MEAN, *FULL],
    "half sum": [SILENT | SUM, *HALF, *ONE_EXAMPLE],
}


ALMOST = replace(MISTAKES["∂C/∂a doubled"], wrong=lambda s, l, right: 2.00001 * right(s, l))


@catches("the same twice", "mistake.MISTAKES", {**MISTAKES, "almost doubled": ALMOST}, cost="half mean")
@pytest.mark.parametrize("cost", ALIKE)
def test_no_two_mistakes_give_the_same_numbers(cost):
    names = [RIGHT, *mistake.MISTAKES]
    sequences = [sequence(of, cost) for of in SEQUENCES]
    unit = np.concatenate([numbers(RIGHT, cases, in_place_of_each=largest) for cases in sequences])
    rows = np.array([np.concatenate([numbers(name, cases) for cases in sequences]) / unit for name in names])
    classes = {frozenset(names[j] for j in np.flatnonzero(distances(rows, row) < 1e-4)) for row in rows}
    assert {alike for alike in classes if len(alike) > 1} == {frozenset(alike) for alike in ALIKE[cost]}


def numbers(name, cases, in_place_of_each=lambda array: array):
    """All that is shown of the cases, in one row; NaN if the mistake cannot be made there."""
    made = observe_if_possible(name, cases)
    traces = [observed.trace for observed in made or observe(RIGHT, cases)]
    layers = [(t.zs, t.activations, t.deltas, t.nabla_b, t.nabla_w, t.after.biases, t.after.weights) for t in traces]
    arrays = [array for of in layers for quantity in of for array in quantity]
    row = np.concatenate([np.broadcast_to(in_place_of_each(array), array.shape).ravel() for array in arrays])
    return row if made else np.nan * row


def distances(rows, row):
    """The largest difference of each row from that one, where both can be made."""
    return np.nanmax(np.abs(rows - row), axis=1)


def words_in_a_row(text, length=4):
    words = text.lower().split()
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


TWO_SENTENCES, ANSWER = "z is wa. It has to be wa + b.", "The bias b has to be added to it."


@catches("no full stop", "mistake.MISTAKES", spoilt(explanation="z is wa"), name="bias left out")
@catches("two sentences", "mistake.MISTAKES", spoilt(explanation=TWO_SENTENCES), name="bias left out")
@pytest.mark.parametrize("name", NAMES)
def test_an_explanation_is_one_sentence(name):
    assert re.fullmatch(r"[^.]+\.", mistake.MISTAKES[name].explanation)


@catches("a formula", "mistake.MISTAKES", spoilt(hint="Is it z = wa?"), name="bias left out")
@catches("the answer", "mistake.MISTAKES", spoilt(hint=ANSWER), name="bias left out")
@pytest.mark.parametrize("name", NAMES)
def test_a_hint_holds_no_formula_and_no_four_words_of_its_explanation(name):
    entry = mistake.MISTAKES[name]
    assert not re.search(r"[=⊙·−×+²ᵀΣ]", entry.hint)
    assert not words_in_a_row(entry.hint) & words_in_a_row(entry.explanation)


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(ValueError, match="two mistakes by the name of 'bias left out'"):
        mistake.mistake("BP1", name="bias left out", explanation="", hint="")(MISTAKES["bias left out"].wrong)
