"""Workers that are forked from a process which has all that they import: none waits for Python and NumPy to start.

A worker finds what it would find after a start of its own: its environment, folder, descriptors, path and modules.
Only what Python takes from the environment as it starts is the same for all, the seed of its hashes among it.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from compare.submission import process

SERVER = """
import os, runpy, sys
from compare.submission import worker
usual = set(sys.modules)
import contextlib, fcntl, gc, json, signal, site, socket

def of_a_start(control):  # returns once for each start, in a new process
    while (received := socket.recv_fds(control, 1, 16))[0]:
        if not os.fork():
            return received[1]
        for file in received[1]:
            os.close(file)
    sys.exit()

def tell(what, number):
    with contextlib.suppress(BrokenPipeError):  # who asked has ended
        os.write(talk, f"{what:4}{number:12}".encode())

gc.freeze()  # a child that looks for garbage among what is imported copies all of it
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait for the workers
control = socket.socket(fileno=int(sys.argv[1]))
talk, *files = of_a_start(control)
control.close()
signal.signal(signal.SIGCHLD, signal.SIG_DFL)
with open(talk, closefd=False) as line:
    order = json.loads(line.readline())
if child := os.fork():
    for file in files:
        os.close(file)  # a pipe ends when nobody has it
    tell("code", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    os._exit(0)
os.setsid()
os.chdir(order["folder"])
os.environ.clear()
os.environ.update(order["environment"])
sys.path[:1] = os.environ["PYTHONPATH"].split(os.pathsep)
site.removeduppaths()
sys.modules["__main__"] = worker
for name in sys.modules.keys() - usual:
    del sys.modules[name]
numbers = order["numbers"]
moved = [fcntl.fcntl(file, fcntl.F_DUPFD, 1 + max(numbers)) for file in (talk, *files)]  # out of each other's way
for file in (talk, *files):
    os.close(file)
talk, *files = moved
for file, number in zip(files, numbers):
    os.dup2(file, number)
    os.close(file)
tell("pid", os.getpid())
os.close(talk)
worker.main([os.path.abspath(path) for path in order["paths"]])
"""
NEWS = 16  # characters
COMMAND = [sys.executable, "-P", "-m", "compare.submission.worker"]
PIPES = (subprocess.PIPE,) * 3


class Started:
    """A worker, with all of a Popen that process.py uses."""

    def __init__(self, control, args, env, start_new_session, pass_fds, bufsize, stdin, stdout, stderr) -> None:
        assert (args[:4], start_new_session, bufsize, (stdin, stdout, stderr)) == (COMMAND, True, 0, PIPES)
        self.args, self.returncode = args, None
        (given, mine), *others = (os.pipe() for _ in PIPES)
        self.stdin = open(mine, "wb", buffering=0)  # noqa: SIM115 (process.py closes the pipes)
        self.stdout, self.stderr = (open(mine, "rb", buffering=0) for mine, _ in others)  # noqa: SIM115
        given = [given, *(written for _, written in others)]
        self.talk, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(control, [b"."], [theirs.fileno(), *given, *pass_fds])
        for file in given:
            os.close(file)
        order = {"folder": os.getcwd(), "environment": env, "numbers": [0, 1, 2, *pass_fds], "paths": args[4:]}
        self.talk.sendall(json.dumps(order).encode() + b"\n")
        self.pid = self._told("pid")

    def _told(self, what: str) -> int:
        told, number = self.talk.recv(NEWS).split()
        assert told.decode() == what
        return int(number)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, or its signal as a negative number. Raises TimeoutExpired."""
        if self.returncode is None:
            self.talk.settimeout(timeout)
            try:
                self.returncode = self._told("code")
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.args, timeout) from None
            self.talk.close()
        return self.returncode

    def poll(self) -> int | None:
        """The same, or None if it has not ended."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended just now
                os.kill(self.pid, signal.SIGKILL)


class Warm:
    """The process from which they are forked. Other processes may have it fork, too, if they are given its ``fd``."""

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair()
        self.fd = self.control.fileno()
        self.subprocess = in_place_of_subprocess(self.control)
        environment = os.environ | {f"{name}_NUM_THREADS": "1" for name in process.ONE_THREAD}
        command = [sys.executable, "-P", "-c", SERVER, str(theirs.fileno())]
        with theirs:
            self.process = subprocess.Popen(
                command,
                env=environment | {"PYTHONPATH": process.ROOT},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                **dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE),  # as the workers' are
            )

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, *_) -> None:
        self.control.close()
        with self.process:
            self.process.kill()  # somebody else may have the socket still
            os.set_blocking(self.process.stderr.fileno(), False)
            complaints = self.process.stderr.read()
        assert not complaints, complaints.decode()

    @property
    def code(self) -> str:
        """What another process runs in order to have its workers forked."""
        folder = str(Path(__file__).parent)
        return f"import sys; sys.path.append({folder!r}); import warm_workers; warm_workers.use({self.fd})\n"


def in_place_of_subprocess(control: socket.socket) -> SimpleNamespace:
    """What process.py uses of the module subprocess."""
    popen = functools.partial(Started, control)
    return SimpleNamespace(PIPE=subprocess.PIPE, TimeoutExpired=subprocess.TimeoutExpired, Popen=popen)


def use(fd: int) -> None:
    """In a process that got the descriptor when it was started: have its workers forked."""
    process.subprocess = in_place_of_subprocess(socket.socket(fileno=fd))
