"""How the warm process ends a worker with all that it started, and is not fooled by what has escaped from it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path


def is_dead(pid: int) -> bool:
    """Whether it has ended; it keeps its number until it is waited for."""
    if not hasattr(os, "waitid"):
        return True  # macOS; the end of the only child is what woke us, unless somebody stopped it
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def ended(pid: int, all_below: bool, group: bool) -> int:
    """Its exit code, or minus the signal's number, once it and (as is asked) its group and all below are dead."""
    code = 0
    stop(os.killpg if group else os.kill, pid)
    stop(os.kill, pid)
    while True:
        for child in children() if all_below else ():
            stop(os.kill, child)
        try:
            dead, status = os.waitpid(-1 if all_below else pid, os.WNOHANG)
        except ChildProcessError:
            return code
        if dead == pid:
            code = os.waitstatus_to_exitcode(status)
            if group:
                stop(os.killpg, pid)
        if not dead:
            time.sleep(0.0005)


def stop(kill: Callable[[int, int], None], pid: int) -> None:
    """It, or the group; there may be none any more, or (on macOS) only dead ones."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        kill(pid, signal.SIGKILL)


def children() -> list[int]:
    """Of this process, orphans of workers among them; none where the kernel does not list them."""
    pid = os.getpid()
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []
