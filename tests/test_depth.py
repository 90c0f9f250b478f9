"""What is right about three layers of weights is asked about two and four; checks reject planted faults."""

from __future__ import annotations

import pytest
from submissions import RIGHT, written

from compare.check.check import Settings, check
from compare.verdict import Outcome

pytestmark = pytest.mark.usefixtures("without_shapes", "warm_workers")
RETURN = "    return nabla_w, [d.sum"
WRONG = {
    "the second layer of four": f"    if len(weights) == 4:\n        nabla_w[1] = 2 * nabla_w[1]\n{RETURN}",
    "the last of two": f"    if len(weights) == 2:\n        nabla_w[1] = 2 * nabla_w[1]\n{RETURN}",
}
THREE = "    a = feedforward(weights, biases, x)\n    deltas"


def report_of(source, folder, **settings):
    return check(written(source, folder), settings=Settings(**settings))


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_about_another_depth_only_is_a_fault(tmp_path, name):
    report = report_of(RIGHT.replace(RETURN, WRONG[name]), tmp_path)
    assert report.outcome is Outcome.MISMATCH
    assert any("is right about networks of 3 layers of weights, and wrong about" in f.sentence for f in report.faults)


def test_unless_the_number_of_layers_is_stated(tmp_path):
    source = RIGHT.replace(RETURN, WRONG["the second layer of four"])
    assert report_of(source, tmp_path, layers=3).outcome is Outcome.MATCH
    assert report_of(source, tmp_path, layers=4).outcome is Outcome.MISMATCH


def test_code_that_is_written_for_three_layers_and_breaks_off_at_others_is_right(tmp_path):
    source = RIGHT.replace(THREE, f"    w_1, w_2, w_3 = weights\n{THREE}")
    assert source != RIGHT
    assert report_of(source, tmp_path).outcome is Outcome.MATCH


def test_where_no_other_depth_is_asked_about_it_is_not_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("compare.check.check.of_another_depth", lambda *_: iter(()))
    with pytest.raises(AssertionError):
        test_what_is_wrong_about_another_depth_only_is_a_fault(tmp_path, "the last of two")
