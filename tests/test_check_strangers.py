"""What strangers handed in and typed: files that were accepted, words that were misread, files that were lost."""

from pathlib import Path

import pytest
from command_line import backproof, server, write  # noqa: F401 - fixtures
from planted import faults
from submissions import RIGHT

from compare.check.check import check
from compare.diagnosis import probes
from compare.submission.asking import _one_line
from compare.verdict import Outcome

pytestmark = pytest.mark.usefixtures("without_shapes")
catches, test_a_planted_fault_is_caught = faults("compare")

STEP = "return ([w - eta * nw"
DIVIDED = "nabla_w = [d.T @ a_l / (over or len(x))"
ACCEPTED_ONCE = {
    "η is 0.7 whatever is asked": (STEP, "eta = 0.7\n    return ([w - eta * nw"),
    "η is 0.1 whatever is asked": (STEP, "eta = 0.1\n    return ([w - eta * nw"),
    "∇w clipped": (STEP, "nabla_w = [np.clip(nw, -1, 1) for nw in nabla_w]\n    return ([w - eta * nw"),
    "m is 10 whatever is given": (DIVIDED, "over = 10\n    nabla_w = [d.T @ a_l / (over or len(x))"),
}


def report_of(name, folder):
    old, new = ACCEPTED_ONCE[name]
    assert RIGHT.count(old) == 1
    path = folder / "net.py"
    path.write_text(RIGHT.replace(old, new), encoding="utf-8")
    return check(path)


@pytest.mark.parametrize("name", ACCEPTED_ONCE)
def test_what_holds_for_one_eta_or_small_gradients_only_is_rejected_and_nothing_else_is_named(name, tmp_path):
    report = report_of(name, tmp_path)
    assert report.outcome is Outcome.MISMATCH
    assert report.diagnosis.hypotheses == []


@catches(
    "the same η in all", "diagnosis.probes.random_case", lambda *a, eta=0, reach=1, **k: CASE(*a, reach=reach, **k)
)
@catches("near targets", "diagnosis.probes.FAR", 1.0)
def test_no_two_cases_have_the_same_eta_and_one_has_large_gradients():
    asked = probes.probes(0).all
    assert len({case.eta for case in asked}) == len(asked)
    assert max(abs(case.y).max() for case in asked) > 20


CASE = probes.random_case


@pytest.mark.parametrize("value", ["first-row", "last-row"])
def test_a_convention_of_two_words_can_be_typed_and_written_with_a_hyphen(backproof, value):
    arguments = ["check", write(RIGHT), "--weights", "in_out", "--biases"]
    assert backproof(*arguments, value)[2] == backproof(*arguments, value.replace("-", " "))[2] == ""
    Path("task.toml").write_text(f'[conventions]\nweights = "in_out"\nbiases = "{value}"\n')
    assert backproof("check", "net.py", "--assignment", "task.toml")[2] == ""


def test_a_convention_outside_of_its_table_is_told(backproof):
    Path("task.toml").write_text('weights = "in_out"\n')
    code, _, err = backproof("check", write(RIGHT), "--assignment", "task.toml")
    assert (code, "weights stands outside of a table; put it under [conventions]" in err) == (2, True)


@pytest.mark.parametrize("option", ["--json", "--emit-test"])
def test_what_is_checked_is_not_written_over(backproof, option):
    code, _, err = backproof("check", write(WRONG), option, "net.py")
    assert (code, "which is read, and would be written over" in err) == (2, True)
    assert Path("net.py").read_text(encoding="utf-8") == WRONG


def test_a_test_is_written_over_another_that_was_emitted_and_over_nothing_else(backproof):
    write("# mine\n", "mine.py")
    code, _, err = backproof("check", write(WRONG), "--emit-test", "mine.py")
    assert (code, "not a test that was emitted" in err) == (2, True)
    for _ in range(2):
        assert backproof("check", "net.py", "--emit-test", "test_it.py")[0] == 1
    assert Path("mine.py").read_text() == "# mine\n"


WRONG = RIGHT.replace("deltas[0] @ w * a_l * (1 - a_l)", "deltas[0] @ w")


def test_a_missing_name_is_no_matter_of_rounding(backproof):
    code, out, _ = backproof(
        "check", write(RIGHT.replace("a = feedforward(weights", "m = nowhere\n    a = feedforward(weights"))
    )
    assert (code, "nowhere" in out, "float32" in out) == (1, True, False)


def test_what_somebody_says_is_one_line_without_control_characters():
    assert _one_line("two\nlines \x1b[31mred\x07") == "two lines [31mred"
