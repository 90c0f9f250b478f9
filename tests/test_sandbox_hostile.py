"""The hostile files: none reaches what it attacks, none disturbs the next, and of each what was expected is told."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from sandbox_runs import ENTRY, QUESTIONS, needs_sandbox, right, sandbox_without

from compare.grade.sandbox import Limits, Sandbox

pytestmark = needs_sandbox
HOSTILE = Path(__file__).parents[1] / "examples" / "hostile"
TOLD = tomllib.loads((HOSTILE / "expected.toml").read_text())
EXPECTED = {name: told["how"] for name, told in TOLD.items() if told.get("sandbox", True)}
OUTSIDE = [Path(f) / "backproof-hostile" for f in ("/tmp", "/var/tmp", "/dev/shm", Path.home(), "/")]
IN_TIME, LONG = Limits(seconds=10.0, megabytes=128), Limits(seconds=0.4, megabytes=128)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(ENTRY.replace(":answer", ":caught")) as sandbox:
        yield sandbox


def run(sandbox, name, size):
    limits = LONG if EXPECTED[name].startswith("had not finished") else IN_TIME
    return sandbox.run((HOSTILE / name).read_bytes(), QUESTIONS, size, limits)


def processes(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_every_file_is_expected_and_says_what_it_tries():
    files = {path.name for path in HOSTILE.glob("*.py")}
    assert files == set(TOLD)
    assert len(files) >= 40
    for name in files:
        assert (HOSTILE / name).read_bytes().startswith((b'"""', b"# ")), name


@pytest.mark.parametrize("name", EXPECTED)
def test_a_hostile_file_gains_nothing(sandbox, name):
    expected, warm = right(sandbox), sandbox.warm.process.pid
    ended = run(sandbox, name, len(expected))
    assert "ESCAPED" not in ended.printed
    assert (EXPECTED[name] in ended.how) if EXPECTED[name] else (ended.how == "" and ended.record == expected)
    assert sandbox.warm.process.pid == warm
    assert processes(warm) == []
    assert list(sandbox.base.iterdir()) == []
    assert not [path for path in OUTSIDE if path.exists()]
    assert right(sandbox) == expected


@pytest.fixture(scope="module")
def open_to_all():
    with sandbox_without("landlock", "seccomp", "user", "rlimits") as holed:
        yield holed


@pytest.mark.parametrize("name", ["read_proc.py", "read_passwords.py", "unix_socket.py", "tcp.py", "big_file.py"])
def test_without_the_sandbox_the_same_file_would_succeed(open_to_all, name):
    assert "ESCAPED" in run(open_to_all, name, 10_000).printed
