"""What strangers handed in and typed: files that were accepted, words that were misread, files that were lost."""

from pathlib import Path

import pytest
from command_line import write
from planted import faults
from submissions import RIGHT, written

from compare.check.check import Settings, check
from compare.diagnosis import probes
from compare.submission.asking import one_line
from compare.verdict import Outcome

pytestmark = pytest.mark.usefixtures("without_shapes", "warm_workers")
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


def test_a_test_that_cannot_be_written_is_told_before_anything_is_checked(backproof):
    code, out, err = backproof("check", write(RIGHT), "--emit-test", "nowhere/test_it.py")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "nowhere is no folder; make it, or give another file" in err


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


def test_what_somebody_says_isone_line_without_control_characters():
    assert one_line("two\nlines \x1b[31mred\x07") == "two lines [31mred"


LARGE_ONLY = {
    "wᵀ where it is 30 × 30": ("deltas[0] @ w * a_l", "deltas[0] @ (w.T if len(w) == 30 == len(w[0]) else w) * a_l"),
    "m capped at 8": ("    nabla_w = [d.T", "    over = min(len(x), 8)\n    nabla_w = [d.T"),
    "tiny gradients": (
        "    return nabla_w,",
        "    nabla_w = [np.where(abs(g) < 1e-6, 0, g) for g in nabla_w]\n    return nabla_w,",
    ),
}


@pytest.mark.parametrize("name", LARGE_ONLY)
def test_what_shows_in_the_large_case_only_is_given_no_name_that_does_not_explain_it(tmp_path, name):
    old, new = LARGE_ONLY[name]
    assert old in RIGHT
    report = check(written(RIGHT.replace(old, new), tmp_path))
    assert report.outcome is Outcome.MISMATCH
    assert report.explanations == []
    if name.startswith("wᵀ"):
        assert {one.equation for one in report.checks if one.verdict == "wrong"} == {"BP2"}


KEPT = {
    "by the shapes": "(x.shape, y.shape)",
    "by the mini-batch": "(x.tobytes(), y.tobytes())",
    "by the weights": "tuple(w.tobytes() for w in weights) + (x.shape,)",
}


@pytest.mark.parametrize("by", KEPT)
def test_an_answer_that_is_kept_is_a_fault(tmp_path, by):
    cached = (
        "KEPT = {}\n\n\ndef backprop(weights, biases, x, y, *rest):\n"
        f"    key = {KEPT[by]}, rest\n"
        "    if key not in KEPT:\n        KEPT[key] = derived(weights, biases, x, y, *rest)\n    return KEPT[key]\n"
    )
    report = check(written(RIGHT.replace("def backprop(", "def derived(") + "\n\n" + cached, tmp_path))
    assert report.outcome is Outcome.MISMATCH
    assert any("is right about each case that is new to it, and wrong about" in f.sentence for f in report.faults)


def test_a_gradient_whose_norm_is_clipped_is_a_mismatch(tmp_path):
    clipped = (
        "    size = np.sqrt(sum((g ** 2).sum() for g in nabla_w))\n"
        "    nabla_w = [g * min(1, 5 / size) for g in nabla_w]\n    return nabla_w,"
    )
    for seed in range(3):
        report = check(written(RIGHT.replace("    return nabla_w,", clipped), tmp_path), settings=Settings(seed=seed))
        assert report.outcome is Outcome.MISMATCH


NOT_SEEN = {
    "no like question is asked": ("check.examine.stale", lambda *_: iter(()), "kept"),
    "near targets": ("diagnosis.probes.FAR", 1.0, "clipped"),
}


@pytest.mark.parametrize("what", NOT_SEEN)
def test_without_what_was_mended_it_is_not_seen(monkeypatch, tmp_path, what):
    target, planted, which = NOT_SEEN[what]
    checks = {
        "kept": lambda: test_an_answer_that_is_kept_is_a_fault(tmp_path, "by the shapes"),
        "clipped": lambda: test_a_gradient_whose_norm_is_clipped_is_a_mismatch(tmp_path),
        "large": lambda: test_what_shows_in_the_large_case_only_is_given_no_name_that_does_not_explain_it(
            tmp_path, "m capped at 8"
        ),
    }
    monkeypatch.setattr(f"compare.{target}", planted)
    with pytest.raises(AssertionError):
        checks[which]()
