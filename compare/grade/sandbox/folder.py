"""The private folder of a run: made, watched and removed by the grader, whatever the submission has put into it."""

from __future__ import annotations

import itertools
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from compare.grade.sandbox.limits import MOST_FILES, MOST_FOLDER


def made(base: Path, name: str, source: bytes, owner: int | None) -> Path:
    """A new folder with the submission in it, which belongs to ``owner``. Raises OSError."""
    folder = base / secrets.token_hex(8)
    folder.mkdir(mode=0o700)
    file = folder / (name or "empty.py")
    file.write_bytes(source)
    file.chmod(0o600)
    if owner is not None:
        os.chown(file, owner, owner)
        os.chown(folder, owner, owner)
    return folder


def overfull(folder: Path) -> bool:
    """Whether more lies in it than is allowed: looked at level by level, and no further than to the answer."""
    files, total, levels = 0, 0, [os.fspath(folder)]
    while levels:
        for entry in entries(levels.pop()):
            files += 1
            total += size(entry)
            if files > MOST_FILES or total > MOST_FOLDER:
                return True
            if entry.is_dir(follow_symlinks=False):
                levels.append(entry.path)
    return False


def entries(folder: str) -> list[os.DirEntry[str]]:
    """What lies in it, at most one more than is allowed; nothing where it has just gone or is closed to us."""
    try:
        with os.scandir(folder) as found:
            return list(itertools.islice(found, MOST_FILES + 1))
    except OSError:
        return []


def size(entry: os.DirEntry[str]) -> int:
    """In bytes, as it lies on the disk."""
    try:
        return entry.stat(follow_symlinks=False).st_blocks * 512
    except OSError:
        return 0


def removed(folder: Path) -> None:
    """Takes it away with all that is in it. Raises OSError.

    What lies in a subfolder is first moved up, so that no depth of folders exceeds what a path or a stack can hold.
    """
    numbers = itertools.count()
    os.chmod(folder, stat.S_IRWXU)
    while entry := first(folder):
        if not entry.is_dir(follow_symlinks=False):
            os.unlink(entry.path)
        else:
            emptied(entry.path, folder, numbers)
    os.rmdir(folder)


def first(folder: Path) -> os.DirEntry[str] | None:
    """Any one entry."""
    with os.scandir(folder) as found:
        return next(found, None)


def emptied(inner: str, folder: Path, numbers: Iterator[int]) -> None:
    """Moves up what lies in a subfolder, and takes the subfolder away."""
    os.chmod(inner, stat.S_IRWXU)
    token = secrets.token_hex(8)
    with os.scandir(inner) as found:
        names = [entry.path for entry in found]
    for path in names:
        if not os.path.islink(path) and os.path.isdir(path):
            os.chmod(path, stat.S_IRWXU)  # to move a folder is to write in it
        os.rename(path, folder / f"{token}-{next(numbers)}")
    os.rmdir(inner)
