"""What a fork gives up, layer by layer: descriptors, means, its user's rights, and at last most system calls."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import math
import os
import resource
import signal
import stat
import sys
from typing import Any, TextIO

from compare.grade.sandbox.limits import MOST_FILE

LINUX = sys.platform == "linux"
LIBC = ctypes.CDLL(None, use_errno=True)
NOBODY = 65534
RECORD, TOLD = 3, 4  # its own descriptors, after the three that every process has
DEATH_SIGNAL, NO_NEW_PRIVILEGES, SECCOMP, FILTER = 1, 38, 22, 2  # of prctl
CAPABILITIES_3 = 0x2008_0522  # the version of capset's header
OPEN_FILES, MOST_OPEN, OUT_OF_THE_WAY = 64, 1 << 10, 16
INSTRUCTION = 8  # bytes


class Filter(ctypes.Structure):
    """``struct sock_fprog``: the instructions and how many they are."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def linux(name: str, *arguments: Any) -> None:
    """One call of the C library that returns 0 where it worked. Raises OSError."""
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    if getattr(LIBC, name)(*words):
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


def keep(parent: int) -> None:
    """It gains no rights any more, and does not outlive the process that forked it. Raises OSError."""
    linux("prctl", DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    linux("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if os.getppid() != parent:
        raise ProcessLookupError("the process that forks has ended")


def refuse(rules: Filter) -> None:
    """The system calls that the filter does not let through. Raises OSError."""
    linux("prctl", SECCOMP, FILTER, ctypes.byref(rules), 0, 0)


def compiled(rules: bytes) -> Filter:
    """As the kernel takes it."""
    return Filter(len(rules) // INSTRUCTION, rules)


def speak(fd: int) -> None:
    """Standard output and error go there, as text of any kind, line by line."""
    os.dup2(fd, 1)
    os.dup2(fd, 2)
    sys.stdout, sys.stderr = text(1), text(2)


def text(fd: int) -> TextIO:
    """A stream that writes there."""
    return open(fd, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


def place(record: int, told: int) -> None:
    """The two pipes get the numbers that they are known by."""
    away = [fcntl.fcntl(fd, fcntl.F_DUPFD, OUT_OF_THE_WAY) for fd in (record, told)]
    os.dup2(away[0], RECORD)
    os.dup2(away[1], TOLD)


def close() -> None:
    """All other descriptors, and standard input is empty."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.closerange(TOLD + 1, max(resource.getrlimit(resource.RLIMIT_NOFILE)[0], MOST_OPEN))


def limit(seconds: float, space: int) -> None:
    """The kernel's own limits, of address space (bytes) among them: what is left if all else fails."""
    limits = {"AS": space, "CPU": math.ceil(seconds) + 1, "FSIZE": MOST_FILE, "NOFILE": OPEN_FILES}
    for name, value in (limits | {"CORE": 0, "NPROC": 0}).items():
        set_limit(getattr(resource, f"RLIMIT_{name}"), value)


def set_limit(name: int, value: int) -> None:
    """Both the soft and the hard one, unless it is lower already."""
    hard = resource.getrlimit(name)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(*(() if LINUX else (OSError, ValueError))):  # macOS has no limit of address space
        resource.setrlimit(name, (value, value))


def drop(owner: int | None) -> None:
    """Become that user; and of root's capabilities nothing is left, so that it is a user like any other."""
    if owner is not None:
        with contextlib.suppress(PermissionError):  # a container's root may be forbidden to
            os.setgroups([])
            os.setresgid(owner, owner, owner)
            os.setresuid(owner, owner, owner)
    header, none = (ctypes.c_uint32 * 2)(CAPABILITIES_3, 0), (ctypes.c_uint32 * 6)()
    linux("capset", ctypes.byref(header), ctypes.byref(none))


def open_to_all(path: str) -> bool:
    """Whether any user can come to the folder."""
    path = os.path.realpath(path)
    above = [path[:i] or "/" for i, c in enumerate(path) if c == "/"]
    return all(os.stat(p).st_mode & stat.S_IXOTH for p in (*above, path))


def address_space() -> int:
    """Bytes that this process has of it."""
    if not LINUX:
        return 0
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
