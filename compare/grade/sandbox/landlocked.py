"""Which files a worker can open: Python's own, NumPy's and the libraries that they need; to write, its folder only.

Two rulesets are laid over each other. The first names every file, and the warm process has it, too; the second, made
for each run, is short: it names the folders that those files are in, and the one private folder. What both allow is
allowed.
"""

from __future__ import annotations

import ctypes
import os
import sysconfig
from collections.abc import Iterable
from pathlib import Path

import landlock
from landlock import FSAccess, Ruleset
from landlock.plumbing import RulesetAttr, get_create_ruleset

NOT_PYTHONS_OWN = {"site-packages", "dist-packages"}
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
LOADER = "/etc/ld.so.cache"
READ = FSAccess.READ_FILE | FSAccess.READ_DIR
PROCESSES = "/proc"
NETWORK, SCOPES = 4, 6  # the versions of Landlock that first knew them
SIZES = (8, 16, 24)  # of its attributes: before both, between, and since
TCP = 0b11  # bind, connect
OUTSIDE = 0b11  # abstract Unix sockets and signals


class Attributes(ctypes.Structure):
    """``struct landlock_ruleset_attr`` as it is since version 6; the package has its first member only."""

    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class Locks:
    """What all runs have, laid on this process itself, and what each run adds. Raises OSError where there is none."""

    def __init__(self, numpy: str, base: str) -> None:
        """``numpy`` is the package's folder, ``base`` the one in which every run has its private folder."""
        self.folders = existing([*python_folders(), *numpy_folders(numpy), *library_folders()])
        self.files = existing([*DEVICES, LOADER])
        ctypes.set_errno(0)  # the package takes an old error for its own
        every = Ruleset()
        for folder in python_folders():
            every.allow(folder, rules=FSAccess.READ_DIR)  # the names, which an import looks through
            allow(every, (entry.path for entry in os.scandir(folder) if entry.name not in NOT_PYTHONS_OWN))
        allow(every, existing(numpy_folders(numpy)))
        allow(every, libraries())
        devices(every, self.files)
        every.allow(PROCESSES, rules=READ)  # this process looks for orphans; no run has it
        every.allow(base)
        every.apply()

    def lock(self, folder: str) -> None:
        """Shuts this process in, for good. Raises OSError."""
        ctypes.set_errno(0)
        own = shut()
        own.allow(*self.folders, rules=READ)
        devices(own, self.files)
        own.allow(folder)
        own.apply()


def allow(rules: Ruleset, paths: Iterable[str]) -> None:
    """To be read, with all below."""
    for path in paths:
        if os.path.exists(path):  # not a symbolic link to nowhere
            rules.allow(path, rules=READ if os.path.isdir(path) else FSAccess.READ_FILE)


def devices(rules: Ruleset, files: list[str]) -> None:
    """They and the loader's list can be read; what is written to the first is gone."""
    rules.allow(*files, rules=FSAccess.READ_FILE)
    rules.allow(DEVICES[0], rules=FSAccess.READ_FILE | FSAccess.WRITE_FILE)


def shut() -> Ruleset:
    """No file; no TCP, no abstract Unix socket, no signal to a process that is not below, as far as Landlock can."""
    version = landlock.landlock_abi_version()
    attributes = Attributes(FSAccess.all(), TCP if version >= NETWORK else 0, OUTSIDE if version >= SCOPES else 0)
    known = SIZES[sum(version >= first for first in (NETWORK, SCOPES))]
    rules = Ruleset.__new__(Ruleset)  # the package would make one of files alone
    pointer = ctypes.cast(ctypes.pointer(attributes), ctypes.POINTER(RulesetAttr))
    object.__setattr__(rules, "restrict_rules", FSAccess.all())
    object.__setattr__(rules, "_fd", get_create_ruleset()(pointer, known, 0))
    return rules


def python_folders() -> list[str]:
    """Where the standard library is."""
    return sorted({os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")})


def numpy_folders(numpy: str) -> list[str]:
    """The package, and the libraries that its wheel brings."""
    return [numpy, numpy + ".libs"]


def library_folders() -> list[str]:
    """Where the shared libraries lie that this process has loaded."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    paths = {line.split(maxsplit=5)[5] for line in lines if ".so" in line and line.count("/")}
    own = (*python_folders(), *NOT_PYTHONS_OWN)
    return sorted({os.path.dirname(os.path.realpath(p)) for p in paths if not any(part in p for part in own)})


def libraries() -> list[str]:
    """The files in those folders that are shared libraries; not the folders below them, where other packages are."""
    entries = (entry for folder in library_folders() for entry in os.scandir(folder))
    return [entry.path for entry in entries if ".so" in entry.name and entry.is_file()]


def existing(paths: Iterable[str]) -> list[str]:
    """Those that are there."""
    return [path for path in paths if os.path.exists(path)]
