"""The fork in which somebody's code runs: it gives up all that it does not need, for good, and only then answers."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, NoReturn

from compare.grade.sandbox import layers
from compare.grade.sandbox.limits import OUT_OF_MEMORY

Answer = Callable[[str, bytes], Iterator[bytes]]


class Worker:
    """All that can be prepared before the fork. Raises OSError or ImportError where a layer is not to be had."""

    def __init__(self, answer: Answer, used: frozenset[str], numpy: str, base: str, rules: bytes) -> None:
        self.answer, self.used, self.parent = answer, used, os.getpid()
        self.rules, self.space = layers.compiled(rules), layers.address_space()
        self.locks, self.owner = None, None
        self.root = "user" in used and os.geteuid() == 0
        if self.root and all(map(layers.open_to_all, (sysconfig.get_path("stdlib"), numpy, base))):
            self.owner = layers.NOBODY
        if "landlock" in used:
            from compare.grade.sandbox.landlocked import Locks  # noqa: PLC0415 (only Linux has it)

            self.locks = Locks(numpy, base)

    def work(self, request: dict[str, Any], fds: list[int], told: int) -> NoReturn:
        """Answer, and end. That the lock is on is told by one byte, so that a fault before is known as the grader's."""
        record, printed, questions = fds
        try:
            with open(questions, "rb") as file:
                asked = file.read()
            layers.speak(printed)
            self.lock(request, record, told)
            if request["trial"]:
                tried(self.used)
            os.write(layers.TOLD, b"1")
            os.close(layers.TOLD)
            if not request["trial"]:
                answered(self.answer(request["path"], asked))
        except BaseException as e:
            give_up(e)
        os._exit(0)

    def lock(self, request: dict[str, Any], record: int, told: int) -> None:
        """Layer by layer; what a later one forbids, an earlier one may need. Raises OSError."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.umask(0o077)
        os.chdir(request["folder"])
        sys.argv = [request["path"]]
        if "rlimits" in self.used:
            layers.limit(request["seconds"], self.space + (request["megabytes"] << 20))
        if self.root:
            layers.drop(self.owner)
        if layers.LINUX:
            layers.keep(self.parent)
        if self.locks:
            self.locks.lock(request["folder"])
        layers.place(record, told)
        if "descriptors" in self.used:
            layers.close()
        if "seccomp" in self.used:
            layers.refuse(self.rules)


def tried(used: frozenset[str]) -> None:
    """See that the lock holds, once, before a submission does. Raises RuntimeError if it does not."""
    attempts = {"landlock": lambda: open(__file__, "rb").close(), "seccomp": lambda: socket.socket().close()}
    for layer in used & set(attempts):
        with contextlib.suppress(OSError):
            attempts[layer]()
            raise RuntimeError(f"{layer} is there, but does not hold")


def answered(pieces: Iterator[bytes]) -> None:
    """Each piece to the grader as it comes."""
    streams = (sys.stdout, sys.stderr)
    for piece in pieces:
        left = memoryview(piece)
        while left:
            left = left[os.write(layers.RECORD, left) :]
    for stream in streams:
        with contextlib.suppress(OSError, ValueError):  # it may have closed them
            stream.flush()


def give_up(error: BaseException) -> NoReturn:
    """End with what the error says; to say it can itself fail."""
    code = 1
    try:
        if isinstance(error, MemoryError):
            code = OUT_OF_MEMORY
        elif isinstance(error, SystemExit):
            code = error.code if isinstance(error.code, int) else 1 if error.code else 0
        else:
            traceback.print_exception(type(error), error, theirs(error.__traceback__))
    finally:
        os._exit(code & 0xFF)


def theirs(place: TracebackType | None) -> TracebackType | None:
    """From the first line of the submission on; where the grader's files are is no business of its author."""
    while place and not place.tb_frame.f_code.co_filename.startswith(os.path.dirname(sys.argv[0]) + "/"):
        place = place.tb_next
    return place
