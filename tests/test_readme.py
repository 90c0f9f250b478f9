"""The README's commands work, as they stand there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import compare.diagnosis.bank  # noqa: F401 - fills MISTAKES
from compare.diagnosis.mistake import MISTAKES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
COMMANDS = re.findall(r"^(?:make|backproof) .*$", "".join(text for kind, text in BLOCKS if not kind), re.MULTILINE)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("backproof")])
def test_a_backproof_command_of_the_readme_ends_well(command, server, tmp_path):
    arguments = command.split()[1:]
    code, out, err = server.start(tmp_path, arguments).ends()
    assert code == 0, err
    assert out.rstrip().splitlines()[-1].startswith({"run": "match: ", "train": "1 epoch done"}[arguments[0]])


def test_the_adapter_of_the_readme_is_the_one_that_its_command_names(checks):
    shown = next(text for kind, text in BLOCKS if kind == "python")
    program, adapter = re.search(r"^backproof check (\S+) --adapter (\S+)$", README, re.MULTILINE).groups()
    assert shown in (ROOT / adapter).read_text()
    code, out, _ = checks.start(ROOT, ["check", program, "--adapter", adapter]).ends()
    assert (code, out.splitlines()[-1][:6]) == (0, "match:")


def without_decimals(text):
    """Times, ratios and last digits are the machine's."""
    number = re.compile(r" *-?\d+(\.\d+(e[+-]\d+)?|e[+-]\d+)")
    return [number.sub("", line).rstrip() for line in text.strip().splitlines()]


def test_the_check_of_the_readme_prints_what_stands_there(checks):
    code, out, err = checks.start(ROOT, ["check", "examples/homework.py"]).ends()
    shown = next(text for kind, text in BLOCKS if text.startswith("homework.py"))
    assert (code, err) == (1, "")
    assert without_decimals(out) == without_decimals(shown)


def test_another_output_than_the_readmes_is_noticed():
    assert without_decimals("mismatch: one") != without_decimals("mismatch: another")
    assert without_decimals("asked m=7; 0.31 s") == without_decimals("asked m=7; 1.7 s") != ["asked; s"]


@pytest.mark.parametrize("command", [c.split("#")[0].strip() for c in COMMANDS if c.startswith("make")])
def test_a_make_command_of_the_readme_exists(command):
    dry = subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert dry.returncode == 0, dry.stderr


def test_make_run_does_the_main_job(tmp_path):
    """As in the README, but for fewer examples, and with its logs elsewhere."""
    arguments = f"ARGS=--epochs 1 --limit 1000 --logdir {tmp_path}"
    done = subprocess.run(["make", "run", arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "match: in all 100 steps" in done.stdout


def test_the_readme_names_the_two_commands_and_some_of_backproof():
    assert {"make run", "make test"} <= {c.split("#")[0].strip() for c in COMMANDS}
    assert sum(c.startswith("backproof") for c in COMMANDS) >= 2


def test_a_command_that_does_not_exist_is_noticed():
    dry = subprocess.run(["make", "no-such-target", "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert dry.returncode != 0


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", README))
def test_a_link_of_the_readme_leads_somewhere(link):
    assert (ROOT / link).exists()


def test_the_readme_counts_the_mistakes_of_the_bank():
    assert f"a bank of {len(MISTAKES)} give" in README
