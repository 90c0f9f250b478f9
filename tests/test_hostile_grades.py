"""What a hostile file earns: what its arithmetic is worth, and nothing for the attack."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from grade_one import assignment
from sandbox_runs import needs_sandbox

from compare.grade.judging.grader import Grader
from compare.grade.sandbox import Sandbox
from compare.grade.submitted import Submitted

pytestmark = [needs_sandbox, pytest.mark.usefixtures("without_shapes")]
HOSTILE = Path(__file__).parents[1] / "examples" / "hostile"
EXPECTED = tomllib.loads((HOSTILE / "expected.toml").read_text())


@pytest.fixture(scope="module")
def grade():
    given = assignment(limits={"seconds": 1.0, "megabytes": 256})
    with Sandbox() as sandbox:
        yield lambda name: Grader(given, sandbox).result(Submitted("eve", (HOSTILE / name).read_bytes(), name))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_hostile_file_earns_what_its_arithmetic_is_worth(grade, name):
    found = grade(name)
    assert found.status in ("graded", "not gradable")
    assert found.score == EXPECTED[name]["score"]


@pytest.mark.parametrize("name", ["answers_written_down.py", "finite_differences.py"])
def test_a_grader_that_asks_for_no_evidence_pays_too_much(grade, name, monkeypatch):
    monkeypatch.setattr("compare.check.report.unseen", lambda *_: False)
    monkeypatch.setattr("compare.grade.judging.points.stays", lambda *_: False)
    assert grade(name).score > EXPECTED[name]["score"]
