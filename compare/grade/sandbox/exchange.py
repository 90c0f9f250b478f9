"""One run as the grader sees it: the record is read to its size, what is printed to a cap, and the clock is kept."""

from __future__ import annotations

import contextlib
import fcntl
import os
import selectors
import signal
import sys
import time
from pathlib import Path
from typing import Any

from compare.grade.sandbox.folder import overfull
from compare.grade.sandbox.limits import MOST_FOLDER, MOST_PRINTED, OUT_OF_MEMORY, Limits, Run
from compare.grade.sandbox.warm import Warm
from compare.submission.process import ending

PIECE = 1 << 16
LOOK = 0.1  # seconds between two looks at what it has written to its folder
BURY = 1.0  # seconds in which it must have gone
LEFT = 64  # pieces that may still lie in a pipe after its writer's end


class Exchange:
    """From the fork to the end of all that it started."""

    def __init__(self, warm: Warm, folder: Path, size: int, limits: Limits, clock: bool = True) -> None:
        self.warm, self.folder, self.size, self.limits = warm, folder, size, limits
        self.record, self.printed, self.over, self.ended = bytearray(), bytearray(), "", False
        self.pid = 0
        self.began = self.looked = time.monotonic()
        self.deadline = self.began + limits.seconds if clock else float("inf")
        self.ends: dict[str, Any] = {}

    def listen(self, record: int, printed: int) -> None:
        """Read the two pipes until the worker has ended or must be ended, and end it. Raises Gone."""
        with selectors.DefaultSelector() as ready:
            if not widened(record, self.size + 1):
                ready.register(record, selectors.EVENT_READ, self.take)
            ready.register(printed, selectors.EVENT_READ, self.note)
            ready.register(self.warm.socket, selectors.EVENT_READ, self.hear)
            while not self.ended and not self.over:
                for key, _ in ready.select(min(LOOK, max(0.0, self.deadline - time.monotonic()))):
                    if not key.data(key.fd):
                        ready.unregister(key.fileobj)
                self.over = self.over or self.too_much(record)
        self.ends = self.warm.end()
        self.drain(record, self.take)
        self.drain(printed, self.note)

    def take(self, fd: int) -> bool:
        """Of the record no more than one byte too many. False at its end."""
        data = os.read(fd, min(PIECE * 16, self.size + 1 - len(self.record)))
        self.record += data
        if len(self.record) > self.size:
            self.over = "wrote more than was asked for"
        return bool(data) and not self.over

    def note(self, fd: int) -> bool:
        """Of what is printed the end is kept: no character is longer than four bytes. False at its end."""
        data = os.read(fd, PIECE)
        self.printed = (self.printed + data)[-4 * MOST_PRINTED :]
        return bool(data)

    def hear(self, fd: int) -> bool:
        """What the warm process tells. Raises Gone."""
        for news in self.warm.all_news():
            self.pid, self.ended = news.get("pid", self.pid), "ended" in news
        return True

    def bury(self) -> None:
        """Where the warm process has gone, see its worker go, too: Linux ends it, elsewhere it is done here."""
        if sys.platform != "linux" and self.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signal.SIGKILL)
        deadline = time.monotonic() + BURY
        while self.pid and runs(self.pid) and time.monotonic() < deadline:
            time.sleep(0.005)

    def drain(self, fd: int, take: Any) -> None:
        """What its dead writers have left in a pipe."""
        os.set_blocking(fd, False)
        try:
            for _ in range(LEFT):
                if not take(fd):
                    return
        except BlockingIOError:
            return  # somebody still has it open, which only --unsafe allows

    def too_much(self, record: int) -> str:
        """Why it must be ended now, if it must."""
        now = time.monotonic()
        if now > self.deadline:
            return f"had not finished after {self.limits.seconds:g} s"
        if now <= self.looked + LOOK:
            return ""
        self.looked = now
        self.drain(record, self.take)  # which is not listened at, where its pipe holds all of it
        if not self.over and overfull(self.folder):
            return f"wrote more than {MOST_FOLDER >> 20} MB of files, or too many or too deep"
        return self.over

    def how(self) -> str:
        """What happened, in words; "" if all went well."""
        code = self.ends["code"]
        if self.over:
            return self.over
        if code == OUT_OF_MEMORY:
            return f"ran out of memory ({self.limits.megabytes} MB)"
        if len(self.record) < self.size and code >= 0:
            return f"ended {ending(code)} before all answers were there"
        return f"ended {ending(code)}" if code else ""

    def run(self) -> Run:
        """All of it."""
        printed = self.printed.decode(errors="replace")[-MOST_PRINTED:]
        return Run(bytes(self.record[: self.size]), self.how(), printed, time.monotonic() - self.began)


def widened(pipe: int, size: int) -> bool:
    """Whether it holds so many bytes, so that nobody has to be woken for each piece; only Linux can tell."""
    with contextlib.suppress(AttributeError, OSError):
        return fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 2 * size) >= size
    return False


def runs(pid: int) -> bool:
    """Whether there is such a process, and not only what is left of it for its parent to ask about."""
    try:
        os.kill(pid, 0)
        return (
            sys.platform != "linux" or Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        )
    except (ProcessLookupError, FileNotFoundError, PermissionError):
        return False
