"""The sandbox: what a grader holds. One warm process, which forks one locked worker for each submission."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from multiprocessing.util import Finalize
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, BinaryIO, ClassVar

from compare.grade.sandbox.exchange import Exchange
from compare.grade.sandbox.folder import made, removed
from compare.grade.sandbox.limits import LAYERS, MOST_SOURCE, UNSAFE, Limits, Run, SandboxError
from compare.grade.sandbox.syscalls import compiled
from compare.grade.sandbox.warm import Gone, Warm

TRIAL, MEGABYTES, EMPTY = 30.0, 64, "empty.py"  # of a trial
WAY_OUT = "; give --unsafe to run submissions with all your rights."


class Sandbox:
    """For one run at a time; a grader that runs several at once has several.

    entry   names a function ``answer(path: str, questions: bytes) -> Iterator[bytes]``, as "module:function" or
            "file.py:function". It is imported once; its module must import all that it needs when it is imported. If
            the module has a function ``warm_up()``, that is called once before any worker is forked
    unsafe  without what only Linux has: the files are run with all rights of whoever grades, within the same limits

    Raises SandboxError where this system cannot do it.
    """

    layers: ClassVar[frozenset[str]] = LAYERS  # tests take one out, to see that it matters

    def __init__(self, entry: str = "compare.grade.asking.answering:answer", unsafe: bool = False) -> None:
        self.entry, self.used = entry, self.layers & (UNSAFE if unsafe else LAYERS)
        if not unsafe:
            require_landlock()
        self.rules = compiled() if "seccomp" in self.used else b""
        self.base = Path(tempfile.mkdtemp(prefix="backproof-")).resolve()
        self.base.chmod(0o711)  # to be passed through by whoever runs a submission, not to be listed
        self.warm: Warm | None = None
        self.at_exit = Finalize(None, self.close, exitpriority=10)  # of this process, be it one of a pool
        try:
            self.tried({EMPTY: b""}, EMPTY, b"", 0, Limits(TRIAL, MEGABYTES), trial=True)
        except BaseException as e:
            self.close()
            if isinstance(e, Gone):
                raise SandboxError(f"The sandbox's own process {e}{WAY_OUT}") from e
            raise

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def start(self) -> Warm:
        """Another warm process. Raises SandboxError."""
        return Warm(self.entry, self.used, str(self.base), self.rules)

    def run(
        self,
        source: bytes,
        questions: bytes,
        size: int,
        limits: Limits,
        name: str = "submission.py",
        beside: Mapping[str, bytes] = MappingProxyType({}),
    ) -> Run:
        """Run a submission of that text and file name, which is to answer the questions with ``size`` bytes.

        ``beside`` are the other files of its folder, by their paths from there on.

        Raises ValueError for a source of more than 10 MB or a name that is none, and SandboxError where the sandbox
        itself is at fault. A submission that twice ends the warm process has failed by that.
        """
        if len(source) > MOST_SOURCE:
            raise ValueError(f"the submission has {len(source)} bytes, more than the {MOST_SOURCE} that are taken")
        for one in (name, *(part for path in beside for part in path.split("/"))):
            if one in ("", ".", "..") or "/" in one or "\0" in one:
                raise ValueError(f"the name {one!r} is no file's name")
        for _ in range(2):
            with contextlib.suppress(Gone):
                return self.tried({**beside, name: source}, name, questions, size, limits)
            self.hang_up()
        return Run(b"", "ended the process that started it", "", limits.seconds)

    def tried(
        self, files: Mapping[str, bytes], name: str, questions: bytes, size: int, limits: Limits, trial: bool = False
    ) -> Run:
        """One run of one of the files, or a trial of the lock alone.

        Raises SandboxError, and Gone if the warm process ends meanwhile.
        """
        self.warm = self.warm or self.start()
        folder = made(self.base, files, self.warm.ready["owner"])
        exchange = Exchange(self.warm, folder, size, limits, "clock" in self.used)
        try:
            return self.exchanged(exchange, questions, {"path": str(folder / name), "trial": trial})
        except BaseException:
            self.hang_up()  # whatever it was, the warm process may still be busy with it
            exchange.bury()
            raise
        finally:
            removed(folder)

    def exchanged(self, exchange: Exchange, questions: bytes, request: dict[str, Any]) -> Run:
        """Give the worker its ends of the pipes and the questions, and listen at ours."""
        request |= {"folder": str(exchange.folder), **asdict(exchange.limits)}
        with contextlib.ExitStack() as open_ones, tempfile.TemporaryFile() as file:
            file.write(questions)
            file.seek(0)
            (record, theirs), (printed, also_theirs) = piped(open_ones), piped(open_ones)
            exchange.warm.ask(request, [theirs.fileno(), also_theirs.fileno(), file.fileno()])
            theirs.close()
            also_theirs.close()
            exchange.listen(record.fileno(), printed.fileno())
        if not exchange.ends["locked"] and not exchange.over:
            raise SandboxError(f"The sandbox could not be shut: {exchange.run().printed.strip()[-300:]}{WAY_OUT}")
        return exchange.run()

    def hang_up(self) -> None:
        """End the warm process; the next run starts another."""
        warm, self.warm = self.warm, None
        if warm:
            warm.close()

    def close(self) -> None:
        """End all, and remove what is left on the disk; done at the process's exit where nobody has."""
        self.at_exit.cancel()
        self.hang_up()
        if self.base.exists():
            removed(self.base)


def piped(open_ones: contextlib.ExitStack) -> tuple[BinaryIO, BinaryIO]:
    """A pipe's end to read and its end to write, without buffers."""
    ours, theirs = os.pipe()
    return open_ones.enter_context(open(ours, "rb", 0)), open_ones.enter_context(open(theirs, "wb", 0))


def require_landlock() -> None:
    """Raises SandboxError where this system has none."""
    if sys.platform != "linux":
        raise SandboxError(f"The sandbox needs Linux, and this is {platform.system()}{WAY_OUT}")
    try:
        import landlock  # noqa: PLC0415 (on Linux only)

        landlock.landlock_abi_version()
    except ImportError as e:
        raise SandboxError(f"The sandbox needs the Python package landlock{WAY_OUT}") from e
    except OSError as e:
        raise SandboxError(f"This kernel has no Landlock, which came with Linux 5.13, or has it off{WAY_OUT}") from e
