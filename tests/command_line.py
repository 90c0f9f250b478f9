"""The command line in an empty folder, run by children of a process that has everything imported already."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from warm_workers import Warm

from compare import cli

SERVER = """
import gc, json, os, sys
from compare.cli import main
exec(sys.argv[1])
gc.freeze()  # a child that looks for garbage among what is imported copies all of it
for line in sys.stdin:
    order = json.loads(line)
    if "wait" in order:
        print(os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1]), flush=True)
    elif child := os.fork():
        print(child, flush=True)
    else:
        os.chdir(order["folder"])
        os.environ.update(order["environment"])
        for number, name in ((1, order["out"]), (2, order["err"])):
            os.dup2(os.open(name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC), number)
        code, arguments = 1, order["arguments"]
        try:
            exec(order["code"])
        except SystemExit as e:
            code = e.code or 0
        finally:
            sys.stdout.flush(), sys.stderr.flush()
            os._exit(code)  # to take torch down in each child is most of a test's time
"""

CHECKING = "import compare.check.job"
TRAINING = """
import torch_ref.train, torch_ref.training.command, compare.main_job, torch._dynamo  # the last by SGD
torch_ref.data.load("mnist")  # whose files are read through once in a process
"""


class Started:
    """A command at work in a process of its own, whose output goes to two files."""

    def __init__(self, server: Server, order: dict) -> None:
        self.server, self.pid = server, server.ask(order)
        self.out, self.err = Path(order["out"]), Path(order["err"])

    def ends(self) -> tuple[int, str, str]:
        """Waits for its end: the exit code, or the signal as a negative number, and what it wrote."""
        code = self.server.ask({"wait": self.pid})
        return code, *(stream.read_text(encoding="utf-8") for stream in (self.out, self.err))

    def interrupt_when(self, begun, number=signal.SIGINT, after=0.0) -> None:
        """Sends a signal as soon as ``begun()`` is true, or ``after`` some seconds more."""
        deadline = time.monotonic() + 60
        while not begun() and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(after)
        os.kill(self.pid, number)


class Server:
    """Starts commands without the tests' checks of all shapes."""

    def __init__(self, imports: str, streams: Path, pass_fds=()) -> None:
        command, pipes = [sys.executable, "-c", SERVER, imports], dict.fromkeys(("stdin", "stdout"), subprocess.PIPE)
        self.process = subprocess.Popen(command, **pipes, text=True, pass_fds=pass_fds)
        self.streams, self.started = streams, 0

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_) -> None:
        self.process.communicate()

    def ask(self, order: dict) -> int:
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def start(self, folder, arguments, code="main(arguments)", environment=()) -> Started:
        """A command line; ``code`` runs it, and may prepare it first."""
        self.started += 1
        out, err = (str(self.streams / f"{self.started}.{name}") for name in ("out", "err"))
        order = {"folder": str(folder), "arguments": arguments, "code": code, "environment": dict(environment)}
        return Started(self, order | {"out": out, "err": err})


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """For commands that train."""
    with Server(TRAINING, tmp_path_factory.mktemp("streams")) as server:
        yield server


@pytest.fixture(scope="session")
def checks(tmp_path_factory, warm):
    """For commands that need no torch: without it, a child is there in half of the time."""
    with Server(warm.code + CHECKING, tmp_path_factory.mktemp("streams"), [warm.fd]) as server:
        yield server


@pytest.fixture(scope="session")
def warm():
    """The process that workers are forked from, where a test asks for that."""
    with Warm() as warm:
        yield warm


@pytest.fixture
def warm_workers(warm, monkeypatch):
    """For tests of whole checks: their workers start in a tenth of the time."""
    monkeypatch.setattr("compare.submission.process.subprocess", warm.subprocess)


@pytest.fixture
def backproof(checks, tmp_path, monkeypatch):
    """Runs a command without torch in an empty folder; gives the exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: checks.start(tmp_path, arguments).ends()


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
