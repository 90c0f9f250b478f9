"""The command line in an empty folder, run by a process that has everything imported already."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from compare import cli

SERVER = """
import gc, json, os, sys
import compare.check.job, compare.main_job
from compare import cli
gc.freeze()  # a child that looks for garbage among what is imported copies all of it
for line in sys.stdin:
    folder, streams, arguments = json.loads(line)
    if (child := os.fork()) == 0:
        os.chdir(folder)
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(os.path.join(streams, name), os.O_CREAT | os.O_WRONLY | os.O_TRUNC), number)
        code = 1
        try:
            cli.main(arguments)
        except SystemExit as e:
            code = e.code or 0
        finally:
            sys.stdout.flush(), sys.stderr.flush()
            os._exit(code)  # to take torch down in each child is most of a test's time
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def server():
    """A process with all imported, which runs each command in a child; without the tests' checks of all shapes."""
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.stdin.close()


@pytest.fixture
def backproof(server, tmp_path, tmp_path_factory, monkeypatch):
    """Runs the command line in an empty folder; gives the exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    streams = tmp_path_factory.mktemp("streams")

    def call(*arguments):
        server.stdin.write(json.dumps([str(tmp_path), str(streams), arguments]) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        return code, *((streams / name).read_text(encoding="utf-8") for name in ("out", "err"))

    return call


@pytest.fixture
def in_process(tmp_path, monkeypatch, capsys):
    """The same in this process, where faults can be planted and shapes are checked."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        with pytest.raises(SystemExit) as left:
            cli.main(arguments)
        return left.value.code, *capsys.readouterr()

    return call


def write(source: str, name: str = "net.py") -> str:
    Path(name).write_text(source, encoding="utf-8")
    return name
