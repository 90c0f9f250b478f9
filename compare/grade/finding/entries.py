"""What was handed in, as files: none is opened but plain files, and none is read past its limit."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from compare.grade.words import printable

MB = 1_000_000
JUNK = {"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"}  # beside all whose names begin with a dot


class Refused(Exception):
    """What cannot be graded, in one sentence that has the file's name."""


@dataclass(frozen=True)
class Entry:
    """A file, or an empty folder, or whatever else there is.

    path     from where the search began, with / between its parts
    read     its bytes, unless they are more than so many; raises Refused
    problem  why it is not to be read
    """

    path: str
    read: Callable[[int], bytes] = lambda _: b""
    problem: str = ""

    @property
    def name(self) -> str:
        """Its last part, as it can be shown."""
        return name_of(self.path)


def name_of(path: str) -> str:
    """The last part of a path, as it can be shown."""
    return printable(path.rstrip("/").rpartition("/")[2])


def is_junk(path: str) -> bool:
    """What systems and editors leave behind: .DS_Store, .git/…, .ipynb_checkpoints/…, __MACOSX/…"""
    return any(part in JUNK or (part.startswith(".") and part != ".") for part in path.split("/"))


def on_disk(folder: Path) -> Iterator[Entry]:
    """All that is below a folder, but for junk; no link is followed. Raises OSError if the folder cannot be read."""
    waiting = [(str(folder), "")]
    while waiting:
        place, path = waiting.pop()
        try:
            with os.scandir(place) as found:
                children = [child for child in found if not is_junk(child.name)]
        except OSError as e:
            if not path:
                raise
            yield Entry(path, problem=f"{name_of(path)} cannot be read ({e.strerror})")
            continue
        waiting += [(c.path, f"{path}{c.name}/") for c in children if c.is_dir(follow_symlinks=False)]
        yield from (_file(c, path + c.name) for c in children if not c.is_dir(follow_symlinks=False))
        if path and not children:
            yield Entry(path)


def _file(found: os.DirEntry[str], path: str) -> Entry:
    problem = ""
    if found.is_symlink():
        problem = f"{name_of(path)} is a symbolic link; hand in the file itself"
    elif not found.is_file(follow_symlinks=False):
        problem = f"{name_of(path)} is no plain file; hand in a file"
    return Entry(path, lambda most: from_disk(found.path, most), problem)


def from_disk(path: str, most: int) -> bytes:
    """A plain file's bytes; it looks again at what it has opened, as that may be another than was found.

    Raises Refused.
    """
    name = name_of(path)
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Refused(f"{name} is no plain file; hand in a file")
            return within(most, name, file.read(most + 1) if status.st_size <= most else None)
    except OSError as e:
        raise Refused(f"{name} cannot be read ({e.strerror})") from e


def within(most: int, name: str, data: bytes | None) -> bytes:
    """The data. Raises Refused if they are more than so many bytes, or None: more than anybody counted."""
    if data is None or len(data) > most:
        raise Refused(f"{name} is larger than {most // MB} MB; hand in the program alone")
    return data
