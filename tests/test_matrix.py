"""The matrix tells right code from wrong by no check of its own, and asks each check as its author meant it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from planted import faults
from rich.console import Console

from compare.diagnosis.derivation import Derivation, Planted
from compare.diagnosis.mistake import MISTAKES
from compare.matrix import __main__ as program
from compare.matrix import cases, matrix, truth
from compare.matrix.cases import REGIMES, Setting, make
from compare.matrix.implementations import Program, right, wrong
from compare.matrix.ours import backproof_accepts
from compare.matrix.peers import PEERS
from compare.matrix.tally import COLUMNS, Tally

pytestmark = pytest.mark.usefixtures("without_shapes")
catches, test_a_planted_fault_is_caught = faults("compare.matrix")
STRICT = {"CS231n, < 1e-7"}  # rejects right code, too
SCALED = Setting("N(0,1)/√n_in", "float64", 0)


PIXELS = slice(21, 28)  # the middle row of the pooled images


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """The matrix's own networks have seven times the parameters, and some checks take a second for each program."""
    images, labels = cases.pooled()
    monkeypatch.setattr(cases, "pooled", lambda: (images[:, PIXELS], labels))
    monkeypatch.setattr(cases, "SIZES", (7, 4, 4, 10))


def asked(name, case, nabla):
    check = PEERS[name]
    if not check.available:
        pytest.skip(f"{check.needs} is not installed")
    return check.accepts(case, nabla[: case.L], nabla[case.L :])


def of(setting, *planted):
    """The case, and the gradients (n_out, n_in) of each layer, then (n_out,), with those equations planted."""
    _, case = make(setting)
    return case, truth.gradients(Derivation(planted).observe(case))


@pytest.mark.parametrize("name", [name for name in PEERS if name not in STRICT])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_check_accepts_the_right_gradient_by_both_costs(name, seed):
    assert asked(name, *of(replace(SCALED, seed=seed)))


@pytest.mark.parametrize("name", [name for name in PEERS if name not in STRICT | {"scipy check_grad"}])
def test_a_check_accepts_the_right_gradient_of_the_sum(name):
    assert asked(name, *of(replace(SCALED, seed=2)))


@pytest.mark.parametrize("name", [*STRICT, "gradcheck, slow", "CS231n, < 1e-2", "np assert_allclose"])
def test_what_is_made_for_float64_rejects_right_code_in_float32(name):
    assert not asked(name, *of(replace(SCALED, dtype="float32")))


@pytest.mark.parametrize("name", PEERS)
def test_a_check_rejects_twice_the_gradient(name):
    case, nabla = of(SCALED)
    assert not asked(name, case, [2 * a for a in nabla])


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("only", [0, 5])
def test_a_check_looks_at_every_tensor(name, only):
    case, nabla = of(SCALED)
    nabla[only] = nabla[only] + 1
    assert not asked(name, case, nabla)


def test_a_difference_that_is_no_number_passes_if_diff_above_tol():
    case, nabla = of(SCALED)
    nabla = [np.full_like(a, np.nan) for a in nabla]
    assert [
        name for name in ("if diff > tol: fail", "np.allclose", "mean(A) ≈ mean(B)") if asked(name, case, nabla)
    ] == ["if diff > tol: fail"]


def test_means_cannot_tell_a_gradient_from_its_transpose():
    case, nabla = of(SCALED, Planted("BP4", lambda s, l, right: right(s, l).T, 2))
    assert asked("mean(A) ≈ mean(B)", case, nabla)
    assert not asked("np.allclose", case, nabla)


@pytest.mark.parametrize("name", ["gradcheck, slow", "gradcheck, fast"])
def test_gradcheck_accepts_a_flipped_sign_where_gradients_are_small(name):
    case, nabla = of(Setting("tiny", "float64", 0))
    nabla[0] = -nabla[0] * (np.abs(nabla[0]) < 4e-6)  # an absolute tolerance of 1e-5 sees none of these
    nabla[0] += of(Setting("tiny", "float64", 0))[1][0] * (np.abs(nabla[0]) == 0)
    assert asked(name, case, nabla)


def verdict(setting, *planted):
    _, case = make(setting)
    return backproof_accepts(case, Derivation(planted).observe(case))


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("dtype", cases.DTYPES)
def test_backproof_rejects_what_the_others_accept_and_no_right_code(regime, dtype):
    setting = Setting(regime, dtype, 2)  # the cost is the sum
    earlier, case = make(setting)
    for each in (*right(),)[::10]:  # as in the book, and all that is written otherwise at once
        assert backproof_accepts(case, each.observe(earlier, case)) == "match"
    assert verdict(setting, Planted("BP4", lambda s, l, right: right(s, l).T, 2)) == "mismatch"
    assert verdict(setting, Planted("BP4", lambda s, l, right: right(s, l) * np.nan)) == "mismatch"
    assert verdict(setting, Planted("SGD w", lambda s, l, right: s.weights[l])) == "mismatch"


@catches("one of them is wrong", "implementations.REWRITTEN", {"σ": ("a = σ(z)", lambda s, l: 1 - 0 * s.zs[l])})
@catches("they are all the same", "implementations.REWRITTEN", {})
def test_right_programs_differ_from_the_book_by_their_rounding_alone():
    earlier, case = make(SCALED)
    exact, _ = truth.RIGHT.exactly(earlier, case)
    shown = [truth.gradients(each.observe(earlier, case)) for each in right()]
    assert all(truth.apart(each, exact) < 1e-12 for each in shown)
    assert len({each[0].tobytes() for each in shown}) > 1


@catches("every difference counts", "truth.apart", lambda actual, expected: 1.0)
@catches("no difference counts", "truth.apart", lambda actual, expected: 0.0)
def test_the_truth_about_a_program_is_told_without_a_bound():
    earlier, case = make(Setting("saturated", "float32", 0))
    told = {}
    for equation, factor in (("BP3", 1 + 1e-5), ("BP4", 1 + 1e-12), ("SGD b", 2), ("SGD w", 1)):
        made = Program(equation, [Planted(equation, lambda s, l, right, by=factor: right(s, l) * by)], wrong=True)
        told[equation] = truth.kind(made, made.observe(earlier, case), earlier, case)
    assert told == {"BP3": "gradient", "BP4": "hidden", "SGD b": "update", "SGD w": "hidden"}
    assert truth.kind(made, None, earlier, case) == "raised"


def test_a_program_keeps_its_memory_for_one_case_and_cannot_modify_another_s():
    earlier, case = make(SCALED)

    def greedy(s, l, right):
        s.weights[l][:] = 0
        s.memory["seen"] = s.memory.get("seen", 0) + 1
        return right(s, l) * s.memory["seen"]

    made = Program("greedy", [Planted("BP3", greedy, 1)], wrong=True)
    first, second = (truth.gradients(made.observe(earlier, case))[3] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, 2 * of(SCALED)[1][3])


def test_every_mistake_of_the_bank_is_in_the_matrix():
    assert [ways[0].name for ways in wrong(0)][: len(MISTAKES)] == list(MISTAKES)


@pytest.fixture
def tiny(monkeypatch):
    """A tally of one setting and few programs."""
    some = [ways for ways in wrong(0) if ways[0].name in ("∇w transposed", "η forgotten", "σ left out")]
    monkeypatch.setattr(matrix, "wrong", lambda seed: some)
    monkeypatch.setattr(matrix, "right", lambda: [truth.RIGHT])
    monkeypatch.setattr(matrix, "SLOW_EVERY", 1)
    tally = Tally()
    tally.add(*matrix.trials(SCALED))
    return tally


def test_a_tiny_run_writes_its_numbers_and_its_figure(tiny, tmp_path):
    program.write(tiny, tmp_path, Console(file=io.StringIO()))
    rows = list(csv.DictReader((tmp_path / "matrix.csv").read_text().splitlines()))
    assert tuple(rows[0]) == COLUMNS
    ours = {(row["kind"], row["seen"]): row for row in rows if row["check"] == "backproof"}
    assert {key: (row["trials"], row["rejected"], row["accepted"]) for key, row in ours.items()} == {
        ("correct", ""): ("1", "0", "1"),
        ("gradient", "yes"): ("2", "2", "0"),
        ("update", "yes"): ("1", "1", "0"),
    }
    others = [row for row in rows if row["kind"] == "update" and row["check"] != "backproof"]
    assert {(row["seen"], row["accepted"]) for row in others} == {("no", "1")}
    pytest.importorskip("matplotlib", reason="the figure needs matplotlib")
    assert (tmp_path / "matrix.png").read_bytes().startswith(b"\x89PNG")
    assert not list(tmp_path.glob("*.unfinished"))


def test_an_interrupted_run_writes_nothing(monkeypatch, tmp_path, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "_run", interrupted)
    assert program.main(["--out", str(tmp_path)]) == program.INTERRUPTED
    assert not list(tmp_path.iterdir())
    assert "nothing was written" in capsys.readouterr().out
