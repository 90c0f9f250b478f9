"""A worker that is forked is like one that is started: what it finds, how it ends, and what it prints."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest
import warm_workers
from planted import faults
from submissions import RIGHT, started, written
from warm_workers import Started

from compare.submission import wire
from compare.submission.process import Died, Worker

catches, test_a_planted_fault_is_caught = faults("warm_workers")

FOUND = """
import json, os, sys
import __main__
found = {
    "folder": os.getcwd(), "environment": dict(os.environ), "path": sys.path, "modules": sorted(sys.modules),
    "arguments": sys.argv, "main": __main__.__file__, "leads": [os.getpid() == f(0) for f in (os.getsid, os.getpgid)],
    "descriptors": len(os.listdir("/dev/fd")), "output": str(sys.stdout), "flags": list(sys.flags),
}
with open(os.path.join(os.path.dirname(__file__), "found.json"), "w") as file:
    json.dump(found, file)
print("is printed")
"""
DEATHS = {
    "by itself": (3, "import os; os._exit(3)"),
    "at a signal": (-signal.SIGTERM, "import os; os.kill(os.getpid(), 15)"),
    "as it crashes": (-signal.SIGSEGV, "import ctypes; ctypes.string_at(0)"),
}
LOAD = {"function": "load"}


@contextlib.contextmanager
def forked(warm=True):
    """Workers are forked from a process of their own, or else started."""
    if not warm:
        yield
        return
    with warm_workers.Warm() as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr("compare.submission.process.subprocess", server.subprocess)
        yield


@contextlib.contextmanager
def worker_of(source):
    with tempfile.TemporaryDirectory() as folder:
        worker = Worker([str(written(source, folder))])
        try:
            yield worker
        finally:
            worker.close()


def found(warm, folder):
    """What a file finds, and what is printed, in that folder and with an environment of the test's own."""
    path = str(written(FOUND, folder))
    with pytest.MonkeyPatch.context() as patch, forked(warm):
        patch.chdir(folder)
        patch.delenv("OF_THE_SERVER")
        patch.setenv("PYTHONPATH", f"here:{folder}")
        patch.setenv("OF_THE_TEST", "η")
        worker = Worker([path])
        worker.ask(LOAD, 20)
        worker.close()
    return json.loads(Path(folder, "found.json").read_text()), worker.printed


def without(line):
    """The server's code without that."""
    assert warm_workers.SERVER.count(line) == 1
    compile(code := warm_workers.SERVER.replace(line, "pass  # "), "server", "exec")
    return code


@catches("a module is left", "SERVER", without("del sys.modules[name]"))
@catches("a descriptor is left", "SERVER", without("os.close(talk)"))
@catches("the path is the server's", "SERVER", without("site.removeduppaths()"))
@catches("the session is the server's", "SERVER", without("os.setsid()"))
@catches("the folder is the server's", "SERVER", without('os.chdir(order["folder"])'))
@catches("the environment is the server's", "SERVER", without("os.environ.clear()"))
def test_it_finds_what_one_that_is_started_finds_and_no_torch():
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OF_THE_SERVER", "1")
        (forked_one, printed), (started_one, _) = found(True, folder), found(False, folder)
    assert forked_one == started_one
    assert forked_one["folder"] == os.path.realpath(folder)
    assert forked_one["environment"]["OF_THE_TEST"] == "η"
    assert "torch" not in forked_one["modules"]
    assert printed == "is printed\n"


@catches(
    "as it is waited for", "SERVER", warm_workers.SERVER.replace("os.waitstatus_to_exitcode", ""), name="by itself"
)
@pytest.mark.parametrize("name", DEATHS)
def test_its_exit_code_comes_back(name):
    code, source = DEATHS[name]
    with forked(), worker_of(source) as worker:
        with pytest.raises(Died):
            worker.ask(LOAD, 5)
        assert worker.process.wait() == worker.process.poll() == worker.process.returncode == code


@catches("who waits for it keeps them", "SERVER", without("os.close(file)  # a pipe"))
def test_a_pipe_that_it_closes_is_at_its_end():
    with forked(), worker_of("import os, time; os.closerange(3, 99); time.sleep(9)") as worker:
        worker.process.stdin.write(wire.encode(LOAD | {"seconds": 9}))
        assert select.select([worker.process.stdout], [], [], 1.5)[0]
        assert worker.process.stdout.read() == b""
        assert worker.process.poll() is None


@catches("it never has", "Started.poll", lambda self: None)
@catches("it always has", "Started.poll", lambda self: 0)
def test_it_is_seen_to_have_ended_when_somebody_else_has_killed_it():
    with forked(), worker_of(RIGHT) as worker:
        assert "backprop" in worker.ask(LOAD, 20)["offers"]
        assert worker.process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            worker.process.wait(0.01)
        os.kill(worker.process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.process.wait(5)
        assert worker.process.poll() == -signal.SIGKILL


def test_closing_a_submission_ends_it(warm_workers):
    with started(RIGHT) as submission:
        process = submission._host.worker.process
        assert isinstance(process, Started), "the fixture has it forked"
        assert process.poll() is None
    assert process.returncode == -signal.SIGKILL
