"""The warm process at work: it forks a worker for each request, tells when one has ended, and ends all that is left."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from compare.grade.sandbox.layers import LINUX, linux
from compare.grade.sandbox.reaping import ended, is_dead
from compare.grade.sandbox.worker import Worker

RIGHT = {"torch", "jax", "scipy", "autograd", "scratch", "torch_ref", "compare.reference"}  # know right answers
RIGHT |= {f"compare.diagnosis.{name}" for name in ("derivation", "equations", "bank")} | {"compare.check.derived"}
SUBREAPER = 36  # prctl's number: orphans become this process's children
OURS = ("compare", "landlock")


class Server:
    """Raises what the import of the entry raises, and OSError where a layer is not to be had."""

    def __init__(self, control: socket.socket, settings: dict[str, Any]) -> None:
        self.control, self.layers = control, frozenset(settings["layers"])
        module, name = loaded(settings["entry"])
        if known := {n for n in sys.modules for r in RIGHT if n == r or n.startswith(r + ".")}:
            raise ImportError(f"the entry {settings['entry']} imports {min(known)}, which knows right answers")
        warm_up()
        vars(module).get("warm_up", lambda: None)()  # an entry may have more to make before anybody is forked
        self.modules = sorted(sys.modules)
        numpy = os.path.dirname(os.path.realpath(np.__file__))
        self.worker = Worker(
            getattr(module, name), self.layers, numpy, settings["base"], bytes.fromhex(settings["filter"])
        )
        self.awake, waker = os.pipe()
        for fd in (self.awake, waker):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(waker)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        if LINUX and "group" in self.layers:
            linux("prctl", SUBREAPER, 1, 0, 0, 0)
        hide()
        gc.collect()
        gc.freeze()

    def serve(self) -> None:
        """Until the grader hangs up. Every request is followed by one line that says: end it."""
        self.say({"owner": self.worker.owner, "modules": self.modules})
        while (request := self.request()) is not None:
            message, fds = request
            heard, told = os.pipe()
            self.wake()
            if (pid := os.fork()) == 0:
                os.close(heard)
                self.worker.work(message, fds, told)
            for fd in (*fds, told):
                os.close(fd)
            self.say({"pid": pid})
            on = self.watch(pid)
            code = ended(pid, all_below=LINUX and "group" in self.layers, group="group" in self.layers)
            self.say({"code": code, "locked": bool(os.read(heard, 1))})
            os.close(heard)
            if not on:
                return

    def request(self) -> tuple[dict[str, Any], list[int]] | None:
        """The next one with its pipe for the record, its pipe for what is printed, and the file with the questions."""
        data, fds, _, _ = socket.recv_fds(self.control, 1 << 16, 3)
        return (json.loads(data), fds) if data else None

    def watch(self, pid: int) -> bool:
        """Wait for the word to end it, and tell if it ends before. False if the grader has gone."""
        told = False
        while True:
            ready, _, _ = select.select([self.control.fileno(), self.awake], [], [])
            if self.awake in ready:
                self.wake()
                if not told and (told := is_dead(pid)):
                    self.say({"ended": True})
            if self.control.fileno() in ready:
                return bool(self.control.recv(1 << 12))

    def wake(self) -> None:
        """Forget what woke us; the last worker's end can still be among it."""
        with contextlib.suppress(BlockingIOError):
            os.read(self.awake, 1 << 12)

    def say(self, news: dict[str, Any]) -> None:
        """One line to the grader, who may have gone: then the next read tells."""
        with contextlib.suppress(BrokenPipeError):
            self.control.sendall(json.dumps(news).encode() + b"\n")


def loaded(entry: str) -> tuple[ModuleType, str]:
    """The module and the function that "module:function" or "/path/to/file.py:function" names."""
    place, _, name = entry.rpartition(":")
    return (from_file(place) if place.endswith(".py") else importlib.import_module(place)), name


def from_file(path: str) -> ModuleType:
    """A module that is no part of a package."""
    spec = spec_from_file_location(Path(path).stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def warm_up() -> None:
    """What the first use of Python and NumPy makes, and each worker would have to make again."""
    names: dict[str, Any] = {"np": np}
    exec(compile("def f(a, b):\n    return [np.exp(-c) for c in (a @ b.T, b.sum(axis=0))]", "warm_up", "exec"), names)
    for dtype in (np.float32, np.float64):
        names["f"](*(np.frombuffer(bytes(8 * size), dtype).reshape(-1, size).copy() for size in (4, 4)))


def hide() -> None:
    """Leave the workers no module of ours to import, and no word of this process's environment."""
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]
    os.environ.clear()
