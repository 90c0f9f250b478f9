"""Two mistakes that differ at all differ by far more than CLOSE on the probes, and two right ways by far less."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from planted import faults

from compare.check.cases import cases
from compare.check.readings import Reading
from compare.check.subject import FORWARD, GRADIENT, SHOWN_BY, UPDATE
from compare.diagnosis import probes
from compare.diagnosis.derivation import Derivation
from compare.diagnosis.facts import CLOSE
from compare.diagnosis.hypotheses import singles
from compare.key import keys, tensor
from compare.matrix.implementations import right

catches, test_a_planted_fault_is_caught = faults("compare.diagnosis")
random_case = probes.random_case

L = 3
SMALL = ("batch", "later", "single", "square")
FUNCTIONS = {"all": (FORWARD, GRADIENT, UPDATE), "forward": (FORWARD,), "gradient": (GRADIENT,), "update": (UPDATE,)}
NAMES = {shown: {name for function in of for name in SHOWN_BY[function]} for shown, of in FUNCTIONS.items()}
ROUNDING = {"float64": 1e-13, "float32": 2e-6}  # the same formula, written in two orders, is no further apart


def small_cases(seed, dtype, summed=False):
    """As Probes gives them, with nothing that saturates."""
    return list(probes.probes(seed, L, summed=summed, dtype=dtype).all)


def shown(programs, asked):
    """All that each program shows, a row each, NaN where it cannot be made; and which tensor each element is of."""
    base = [Derivation().observe(case) for case in asked]
    tensors = [(k, key) for k in range(len(asked)) for key in keys(L) if key.name in NAMES["all"]]
    sizes = [tensor(base[k].trace, key).size for k, key in tensors]
    rows = []
    for planted in programs:
        derivation, of_cases = Derivation(planted), []
        for case in asked:
            try:
                of_cases.append(derivation.observe(case).trace)
            except ValueError:
                of_cases.append(None)
        found = []
        for (k, key), size in zip(tensors, sizes, strict=True):
            array = None if of_cases[k] is None else tensor(of_cases[k], key)
            found.append(array.ravel() if array is not None and array.size == size else np.full(size, np.nan))
        rows.append(np.concatenate(found).astype(np.float64))
    return np.array(rows), np.cumsum([0, *sizes[:-1]]), [key.name for _, key in tensors]


def apart(rows, starts, row):
    """Of each program from that one, and of each tensor: the largest difference in units of the larger tensor."""
    with np.errstate(invalid="ignore"):
        size = np.maximum.reduceat(np.abs(rows), starts, axis=1), np.maximum.reduceat(np.abs(row), starts)
        found = np.maximum.reduceat(np.abs(rows - row), starts, axis=1) / np.maximum(*size)
    return np.nan_to_num(found, nan=0.0)  # 0 / 0; or one of the two cannot be made there


def hypotheses(everywhere):
    return [h for h in singles(L) if not (everywhere and h[0].layer)]


def planted_of(hypothesis):
    return [planted for made in hypothesis for planted in made.mistake.planted(made.layer)]


def separations(dtype, seed, summed=False, everywhere=True):
    """For each set of functions, the smallest difference of two mistakes that differ at all."""
    of = [planted_of(hypothesis) for hypothesis in hypotheses(everywhere)]
    rows, starts, names = shown(of, small_cases(seed, dtype, summed))
    smallest = dict.fromkeys(NAMES, np.inf)
    for k, row in enumerate(rows[:-1]):
        found = apart(rows[k + 1 :], starts, row)
        for which, of_names in NAMES.items():
            most = found[:, [name in of_names for name in names]].max(axis=1)
            smallest[which] = min(smallest[which], most[most > ROUNDING[dtype]].min(initial=np.inf))
    return smallest


separated = lru_cache(separations)


# What was measured: 2.1e-5 is η divided by n against nothing updated, in one layer; n is 1000.
LEAST = {"all": 1e-5, "update": 1e-5, "forward": 0.1, "gradient": 0.01}


@pytest.mark.parametrize("which", LEAST)
def test_any_two_single_mistakes_in_any_layer_differ_by_far_more_than_close_in_float64(which):
    assert separated("float64", 0, everywhere=False)[which] > max(LEAST[which], 1000 * CLOSE["float64"])


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("which", ["all", "forward", "gradient"])
def test_any_two_mistakes_in_all_layers_differ_by_a_ten_thousandth_and_gradients_by_a_hundredth(which, seed):
    assert separated("float64", seed, summed=bool(seed % 2))[which] > {"all": 1e-4}.get(which, 1e-2)


@pytest.mark.parametrize("which", ["all", "forward", "gradient"])
def test_any_two_mistakes_in_all_layers_differ_by_more_than_close_in_float32(which):
    assert separated("float32", 0)[which] > CLOSE["float32"]


def test_any_two_single_mistakes_in_any_layer_differ_by_more_than_close_in_float32():
    assert separated("float32", 0, everywhere=False)["all"] > CLOSE["float32"]


def rounded_apart(name, dtype, seed):
    """The largest difference of the right ways of writing the derivation, on the case of that name."""
    case = cases(seed, L, Reading(), dtype)[name]
    rows, starts, _ = shown([program.planted for program in right()], [case])
    return apart(rows, starts, rows[0]).max()


def coarse(*arguments, **options):
    case = random_case(*arguments, **options)
    return replace(case, weights=[300 * w for w in case.weights])


@catches("saturated layers", "probes.random_case", coarse, dtype="float64")
@pytest.mark.parametrize("dtype", CLOSE)
def test_right_ways_of_writing_differ_by_less_than_close(dtype):
    worst = max(rounded_apart(name, dtype, seed) for name in SMALL for seed in range(3))
    assert worst < {"float64": 1e-11, "float32": CLOSE["float32"] / 3}[dtype]


@catches("square layers only", "probes.WIDTHS", (4, 4, 4, 4))
def test_widths_and_mini_batches_of_the_first_case_all_differ():
    found = probes.probes(0, L)
    assert len({found.batch.m, *found.batch.sizes}) == 1 + len(found.batch.sizes)
    assert found.batch.m % 2 == 1
    assert found.batch.m > found.later.m > found.single.m == 1
    assert {found.square.m, *found.square.sizes} == {4}


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_a_deeper_network_ends_in_the_same_widths(depth):
    sizes = probes.probes(0, depth).batch.sizes
    assert len(sizes) == depth + 1
    assert sizes[-4:] == (6, 5, 4, 3)[-depth - 1 :]
    assert len(set(sizes)) == len(sizes)


@catches("targets that are outputs", "probes.random_case", lambda *a, **o: inside(random_case(*a, **o)))
def test_inputs_have_both_signs_and_some_targets_are_no_outputs():
    for case in probes.probes(0, L).all[:2]:
        assert case.x.min() < 0 < case.x.max()
        assert case.y.min() < 0 or case.y.max() > 1


def inside(case):
    return replace(case, y=np.clip(case.y, 0, 1))
