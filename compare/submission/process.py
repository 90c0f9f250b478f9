"""The worker as its parent sees it: a process that is asked with a deadline, and ended with all that it started."""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from pathlib import Path
from typing import Any, BinaryIO

from compare.submission import wire
from compare.submission.worker import TRACEBACKS

ROOT = str(Path(__file__).parents[2])
ONE_THREAD = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
MOST_PRINTED = 2_000
GRACE = 2.0  # the worker ends itself at its deadline, and says where it was; if it does not, it is ended so much later
STARTING = 30.0  # the same while the interpreter itself starts
FRAME = re.compile(r'File "(.*)", line (\d+) in ')


class Silence(Exception):
    """No answer will come. ``place`` is the file and line at which the code was, where that is known."""

    def __init__(self, how: str, place: tuple[str, int] | None = None) -> None:
        super().__init__(how)
        self.place = place


class Endless(Silence):
    """It had not answered at its deadline."""


class Died(Silence):
    """Its process ended, or can no longer be understood."""


class Worker:
    """One worker process, in a session of its own. Raises OSError if it cannot be started."""

    def __init__(self, paths: list[str]) -> None:
        self.paths, self.printed = paths, ""
        self.traceback: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        environment = os.environ | {f"{name}_NUM_THREADS": "1" for name in ONE_THREAD}
        environment |= {"VECLIB_MAXIMUM_THREADS": "1", "MPLBACKEND": "Agg"}
        environment |= {"PYTHONPATH": os.pathsep.join(filter(None, [ROOT, os.environ.get("PYTHONPATH")]))}
        environment |= {TRACEBACKS: str(self.traceback.fileno())}
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        self.process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-P", "-m", "compare.submission.worker", *paths],
            env=environment,
            start_new_session=True,
            pass_fds=[self.traceback.fileno()],
            bufsize=0,
            **pipes,  # type: ignore[call-overload]
        )
        self.pipes = [pipe for pipe in (self.process.stdin, self.process.stdout, self.process.stderr) if pipe]
        for pipe in self.pipes:
            os.set_blocking(pipe.fileno(), False)
        self.unsent, self.reply = memoryview(b""), bytearray()
        self.close = weakref.finalize(self, _end, self.process, self.pipes, self.traceback)

    def ask(self, request: dict[str, Any], seconds: float, grace: float = GRACE) -> Any:
        """Its reply. Raises Endless or Died, after which it is closed."""
        try:
            return wire.decode(self._exchange(wire.encode(request | {"seconds": seconds}), seconds + grace))
        except wire.WireError as e:
            self.close()
            raise Died(f"its process sent what is no answer: {e}") from e
        except BaseException:  # with a Ctrl-C, too, no answer is left that the next question would take for its own
            self.close()
            raise

    def _exchange(self, request: bytes, seconds: float) -> bytearray:
        self.unsent, self.reply, deadline = memoryview(request), bytearray(), time.monotonic() + seconds
        with selectors.DefaultSelector() as ready:
            ready.register(self.pipes[0], selectors.EVENT_WRITE, self._write)
            ready.register(self.pipes[1], selectors.EVENT_READ, self._read)
            ready.register(self.pipes[2], selectors.EVENT_READ, self._drain)
            while len(self.reply) < wire.length(self.reply):
                events = ready.select(0.2)
                if time.monotonic() > deadline or (not events and self.process.poll() is not None):
                    raise self._silence("it had not answered, and did not end")
                for key, _ in events:
                    if not key.data(key.fd):
                        ready.unregister(key.fileobj)
        with contextlib.suppress(BlockingIOError):
            self._drain(self.pipes[2].fileno())  # what it printed before it answered
        return self.reply

    def _write(self, fd: int) -> bool:
        try:
            self.unsent = self.unsent[os.write(fd, self.unsent[: 1 << 16]) :]
        except BrokenPipeError:
            return False  # its other pipe tells how it ended
        return bool(self.unsent)

    def _read(self, fd: int) -> bool:
        if not (data := os.read(fd, 1 << 20)):
            raise self._silence("it closed the pipe for its answers")
        self.reply += data
        return True

    def _drain(self, fd: int) -> bool:
        printed = os.read(fd, 1 << 16)
        self.printed = (self.printed + printed.decode(errors="replace"))[-MOST_PRINTED:]
        return bool(printed)

    def _silence(self, still_there: str) -> Silence:
        """Why it does not answer; ``still_there`` is the reason if it has not ended."""
        try:
            code = self.process.wait(1.0)
        except subprocess.TimeoutExpired:
            return (Endless if "answered" in still_there else Died)(still_there, self._place(self._dumped()))
        text = self._dumped()
        kind = Endless if text.startswith("Timeout (") else Died
        return kind(f"its process ended {ending(code)}", self._place(text))

    def _dumped(self) -> str:
        self.traceback.seek(0)
        return self.traceback.read(1 << 16).decode(errors="replace")

    def _place(self, text: str) -> tuple[str, int] | None:
        """The innermost frame of its traceback that lies in one of the files."""
        names = {path.encode("ascii", "backslashreplace").decode(): path for path in self.paths}
        return next(((names[file], int(line)) for file, line in FRAME.findall(text) if file in names), None)


def ending(code: int) -> str:
    """A return code in words."""
    if code >= 0:
        return f"with exit code {code}"
    try:
        return f"by signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"by signal {-code}"


def _end(process: subprocess.Popen[bytes], pipes: list[BinaryIO], traceback: BinaryIO) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()  # no group of that number is there any more, or (on macOS) only what is dead is in it
    process.wait()
    for file in (*pipes, traceback):
        file.close()
