"""What a check prints is true, and leads somewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import write
from rewritten import edited

pytestmark = pytest.mark.usefixtures("without_shapes", "warm_workers")


def test_no_number_is_expected_to_be_nan(backproof):
    wrong = edited(("    nabla_w = [d.T", "    deltas[0] = deltas[0] * np.nan\n    nabla_w = [d.T"))
    out = backproof("check", write(wrong))[1]
    assert "expected nan" not in out
    assert "biases[1][0] is nan, and so is what it is computed from" in out
    assert "convention" not in out


def test_what_is_right_given_its_own_values_has_no_r_of_what_was_wrong_before_it(backproof):
    backproof("check", write(edited(("deltas[0] @ w * a_l * (1 - a_l)", "deltas[0] @ w"))), "--json", "r.json")
    checks = {check["equation"]: check for check in json.loads(Path("r.json").read_text())["checks"]}
    assert (checks["BP3"]["note"], checks["BP3"]["worst"]) == ("given its own values", None)
    assert checks["BP1"]["worst"] < 1 < checks["BP2"]["worst"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import numpy as np\ndef sigmoid(z):\n    return 0 * z\n", "asked about single z; "),
        ("def backprop(x):\n    return x\n", "asked about networks, and nothing came that could be judged; "),
    ],
)
def test_what_was_asked_about_is_never_empty(backproof, source, words):
    out = backproof("check", write(source))[1]
    assert words in out
    assert "about ;" not in out


def test_a_fault_tells_the_layer_as_the_report_counts_it(report_of):
    report = report_of(edited(("    return nabla_w,", "    nabla_w[0] = nabla_w[0].T\n    return nabla_w,")))
    assert "nabla_w[0] (layer 1) of shape (6, 5), its transpose" in report.faults[0].sentence


COLUMNS = [
    ("activations[-1] @ w.T + b", "w @ activations[-1] + b[:, None]"),
    ("deltas[0] @ w *", "w.T @ deltas[0] *"),
    ("d.T @ a_l / (over or len(x))", "d @ a_l.T / x.shape[1]"),
    ("d.sum(axis=0) / (over or len(x))", "d.mean(axis=1)"),
]


@pytest.mark.parametrize("edits", [[], [(" - eta", " + eta")], [("a_l * (1 - a_l)", "a_l")]], ids=len)
def test_of_code_for_any_number_of_layers_no_other_number_is_spoken_of(report_of, edits):
    report = report_of(edited(*COLUMNS, *edits))
    assert "examples are columns, where rows is stated" in report.conventions
    assert not any("layers" in note for note in report.notes)
