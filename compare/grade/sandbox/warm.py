"""The warm process as the grader sees it: started, asked over a socket, and ended."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from compare.grade.sandbox.limits import SandboxError

SCRIPT = Path(__file__).with_name("zygote.py")
ROOT = Path(__file__).parents[3]
STARTING = 60.0  # seconds until it must have imported NumPy
ENDING = 10.0  # seconds until it must have ended a worker
CLOSING = 2.0  # seconds until it must have noticed that it is not needed any more
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # an interpreter may need them to start; workers do not see them


class Gone(Exception):
    """The warm process has ended, or does not answer; the argument says which."""


class Warm:
    """One such process, in a session of its own. Raises SandboxError where it cannot be had."""

    def __init__(self, entry: str, layers: frozenset[str], base: str, rules: bytes) -> None:
        self.socket, theirs = socket.socketpair()
        self.lines, self.complaints = b"", tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        with theirs:
            self.process = started(theirs, self.complaints)
        settings = {"entry": entry, "layers": sorted(layers), "base": base, "filter": rules.hex(), "folders": folders()}
        self.socket.sendall(json.dumps(settings).encode() + b"\n")
        try:
            self.ready = self.news(STARTING)
        except Gone as e:
            raise SandboxError(f"The sandbox's own process {e}. {self.close()}".strip()) from e
        if error := self.ready.get("error"):
            self.close()
            raise SandboxError(f"The sandbox's own process could not start: {error}. {way_out(layers)}".strip())

    def ask(self, request: dict[str, Any], fds: list[int]) -> None:
        """Have a worker forked that gets these descriptors. Raises Gone."""
        try:
            socket.send_fds(self.socket, [json.dumps(request).encode()], fds)
        except OSError as e:
            raise Gone("has ended") from e

    def end(self) -> dict[str, Any]:
        """End the worker and all that it started; what it ended with. Raises Gone."""
        try:
            self.socket.sendall(b"end\n")
        except OSError as e:
            raise Gone("has ended") from e
        while "code" not in (news := self.news(ENDING)):
            pass  # that it has ended, which is known by now, or its number
        return news

    def news(self, seconds: float) -> dict[str, Any]:
        """The next line. Raises Gone."""
        self.socket.settimeout(seconds)
        try:
            while b"\n" not in self.lines:
                if not (more := self.socket.recv(1 << 16)):
                    raise Gone("has ended")
                self.lines += more
        except OSError as e:
            raise Gone("does not answer" if isinstance(e, TimeoutError) else "has ended") from e
        line, _, self.lines = self.lines.partition(b"\n")
        news: dict[str, Any] = json.loads(line)
        return news

    def all_news(self) -> Iterator[dict[str, Any]]:
        """The lines that have come; to be asked when there is one. Raises Gone."""
        yield self.news(ENDING)
        while b"\n" in self.lines:
            yield self.news(ENDING)

    def close(self) -> str:
        """End it; the last that it complained of."""
        self.socket.close()
        try:
            self.process.wait(CLOSING)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with self.complaints:
            self.complaints.seek(0)
            said = self.complaints.read(1 << 16).decode(errors="replace").strip()
        return said.splitlines()[-1] if said else ""


def started(control: socket.socket, complaints: BinaryIO) -> subprocess.Popen[bytes]:
    """An interpreter that heeds neither the environment nor site-packages."""
    environment = dict.fromkeys(ONE_THREAD, "1") | {name: os.environ[name] for name in KEPT if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", "-X", "utf8", str(SCRIPT)],
        stdin=control.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=complaints,
        env=environment,
        cwd="/",
        start_new_session=True,
    )


def folders() -> dict[str, str]:
    """The packages that it may import, and where each is."""
    found = {"compare": str(ROOT), "numpy": str(Path(np.__file__).parents[1])}
    if (landlock := find_spec("landlock")) and landlock.origin:
        found["landlock"] = str(Path(landlock.origin).parents[1])
    return found


def way_out(layers: frozenset[str]) -> str:
    """What to do where a layer is refused."""
    return "" if "landlock" not in layers else "--unsafe runs submissions without it, with all your rights."
