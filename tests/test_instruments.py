"""The scale fit and the symmetry fit name what is planted by hand, and have nothing to say of a right observation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from asked import GRADIENT, asked, of_each, probe, stepped, times
from planted import faults

from compare.diagnosis.derivation import Derivation
from compare.diagnosis.instruments import batch, examples, scale, symmetry
from compare.diagnosis.probes import probes

catches, test_a_planted_fault_is_caught = faults("compare.diagnosis.instruments")
both_dtypes = pytest.mark.parametrize("dtype", ["float64", "float32"])


def sentence(findings):
    assert len(findings) == 1, findings
    return findings[0].sentence


def anything_fits(self, c):
    return True


FACTORS = {
    "the sum for the mean": (7.0, "batch size m = 7; did you divide by m?"),
    "1/m once more": (1 / 7, "did you divide by m twice?"),
    "1/m² more": (1 / 49, "1/m with the batch size m = 7, times 1/m"),
    "the sign": (-1.0, "the sign; is it a − y, or y − a?"),
    "the ½ left out": (2.0, "2; does the cost have its ½?"),
    "a ½ too many": (0.5, "½; does the square"),
    "MSELoss, of three outputs": (2 / 3, "2/n_L with n_L = 3 outputs, as torch.nn.MSELoss has it"),
    "the mean over the outputs": (1 / 3, "1/n_L with n_L = 3 outputs; "),
    "η": (0.7, "η = 0.7; is this ∇C, or the step"),
    "the sign and MSELoss": (-2 / 3, "the sign, times 2/n_L"),
    "η and the sum": (4.9, "the batch size m = 7, times η = 0.7"),
    "n for m": (7 / 1000, "as if divided by n = 1000 in place of m = 7"),
    "n for m and the sign": (-7 / 1000, "and the sign"),
    "0": (0.0, "is 0 where it should not be"),
    "no name": (3.7, "3.7 × the expected, exactly"),
}


@both_dtypes
@pytest.mark.parametrize("name", FACTORS)
def test_a_factor_of_the_whole_gradient_is_one_finding_that_names_it(name, dtype):
    factor, words = FACTORS[name]
    said = sentence(scale(*times(probe(dtype=dtype), factor, *GRADIENT)))
    assert said.startswith("the whole gradient is")
    assert words in said


@catches("rounding is not looked at", "scaling.Fit.holds", anything_fits)
def test_a_factor_of_one_tensor_is_a_finding_about_that_tensor():
    planted = probe()
    planted.observed.trace.nabla_w[0] *= 7
    found = scale(*planted)
    assert sentence(found).startswith("nabla_w[1] is 7 × the expected: the batch size m = 7")
    assert (found[0].key.name, found[0].key.layer) == ("nabla_w", 1)


@pytest.mark.parametrize("name", ["nabla_w", "nabla_b", "deltas"])
def test_a_factor_of_every_layer_of_one_name_is_one_finding(name):
    assert sentence(scale(*times(probe(), 2, name))).startswith({"deltas": "δ, in every"}.get(name, f"every {name}"))


@both_dtypes
@pytest.mark.parametrize(
    ("factor", "words"),
    [(-1, "w − η∇C, or w + η∇C?"), (1 / 0.7, "did you multiply the gradient by η?"), (0, "updated at all?")],
)
def test_a_factor_of_the_step_is_found_and_not_blamed_on_the_gradient(factor, words, dtype):
    said = sentence(scale(*stepped(probe(dtype=dtype), factor)))
    assert said.startswith("the step w − w′ of all parameters")
    assert words in said


def test_a_step_by_a_gradient_that_is_wrong_is_not_charged_again():
    assert "the whole gradient" in sentence(scale(*stepped(times(probe(), 2, *GRADIENT), 1)))


def test_where_the_cost_is_the_sum_1_over_m_is_the_mean():
    assert "the cost is the sum: did you divide by m?" in sentence(scale(*times(probe(summed=True), 1 / 7, *GRADIENT)))


def test_with_the_other_quadratic_cost_half_is_a_half_in_the_cost():
    assert "is there a ½ in the cost" in sentence(scale(*times(probe(factor=2.0), 0.5, *GRADIENT)))


def test_two_names_for_one_number_are_both_given():
    case = probes(0).batch
    both = asked(replace(case, x=case.x[:2], y=case.y[:2]))
    assert ": 2, or the batch size m = 2;" in sentence(scale(*times(both, 2, *GRADIENT)))


@catches("rounding is not looked at", "scaling.Fit.holds", anything_fits)
def test_a_factor_with_one_element_off_by_a_billionth_is_no_factor_of_that_tensor():
    planted = times(probe(), 2, "nabla_w")
    nabla = planted.observed.trace.nabla_w[0][0]
    seen = np.abs(nabla) / planted.bound.nabla_w[0].at(0)
    assert 1e-9 * seen.max() > 100
    nabla[np.unravel_index(seen.argmax(), nabla.shape)] *= 1 + 1e-9
    assert sorted(str(finding.key) for finding in scale(*planted)) == ["nabla_w[2] (BP4)", "nabla_w[3] (BP4)"]


def flipped_rows(w):
    return w[::-1].copy()


def one_row_negative(w):
    return w * np.array([1, 1, -1, 1])[:, None]


def one_column_zero(w):
    return w * np.array([1, 0, 1, 1])


def one_element_off(w):
    return w + 1e-9 * np.eye(4)[[0, 0, 1, 0]] * np.eye(4)[2][:, None]


ARRANGED = {
    "transpose": (np.transpose, "is the transpose of the expected", True),
    "rows upside down": (flipped_rows, "has the expected rows in reverse order", True),
    "columns exchanged": (lambda w: w[:, [0, 2, 1, 3]], "columns in another order, [0, 2, 1, 3]", True),
    "sign of a row": (one_row_negative, "only row 2 of nabla_w[2] has the wrong sign", True),
    "a column of zeros": (one_column_zero, "only column 1 of nabla_w[2] is 0", True),
    "one element": (one_element_off, "only element [2, 1] of nabla_w[2] differs", False),
    "three elements": (lambda w: w + np.diag([0, 1, 1, 1]), "elements [1, 1], [2, 2] and [3, 3] of nabla_w", False),
    "a diagonal": (lambda w: w + np.eye(4), "only 4 of the 16 elements of nabla_w[2] differ", False),
}


@pytest.mark.parametrize("name", ARRANGED)
def test_a_matrix_with_its_elements_elsewhere_or_a_few_wrong_is_said_to_be_so(name):
    planted, (wrong, words, exact) = probe("square"), ARRANGED[name]
    planted.observed.trace.nabla_w[1] = wrong(planted.observed.trace.nabla_w[1][0])[None]
    found = symmetry(*planted)
    assert words in sentence(found)
    assert found[0].exact == exact


def test_a_transpose_of_another_shape_is_a_transpose():
    planted = probe()
    planted.observed.trace.nabla_w[1] = planted.observed.trace.nabla_w[1].transpose(0, 2, 1)
    assert sentence(symmetry(*planted)).startswith("nabla_w[2] is the transpose")


def test_a_layer_that_has_what_belongs_to_another_is_said_to_have_it():
    planted = probe("square")
    planted.observed.trace.nabla_w[0] = planted.observed.trace.nabla_w[1]
    assert "nabla_w[1] is what nabla_w[2] should be" in sentence(symmetry(*planted))


@pytest.mark.parametrize("of", ["square", "batch"])
@pytest.mark.parametrize("name", ["nabla_w", "nabla_b"])
def test_a_list_of_layers_the_wrong_way_round_is_one_finding(name, of):
    planted = probe(of)
    getattr(planted.observed.trace, name).reverse()
    assert sentence(symmetry(*planted)).startswith(f"{name} has its layers in reverse order")


@both_dtypes
def test_a_matrix_that_is_wrong_all_over_is_not_said_to_be_rearranged(dtype):
    planted = probe("square", dtype)
    planted.observed.trace.nabla_w[1] *= np.linspace(1.1, 2, 16, dtype=dtype).reshape(4, 4)
    assert symmetry(*planted) == scale(*planted) == []


@both_dtypes
@pytest.mark.parametrize("factor", [1.0, 2.0])
@pytest.mark.parametrize("summed", [False, True], ids=["mean", "sum"])
def test_no_instrument_says_anything_of_a_right_implementation(dtype, factor, summed):
    for seed, (L, of) in enumerate([(1, "batch"), (2, "later"), (3, "batch"), (3, "single"), (3, "square")]):
        right = probe(of, dtype, seed, L, factor=factor, summed=summed)
        said = scale(*right) + symmetry(*right) + examples(right.case, right.observed, of_each(right.case))
        assert said + batch(Derivation(), right.case, right.observed) == []
