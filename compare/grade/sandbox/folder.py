"""The private folder of a run: made, watched and removed by the grader, whatever the submission has put into it."""

from __future__ import annotations

import itertools
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from compare.grade.sandbox.limits import MOST_FILES, MOST_FOLDER


def made(base: Path, files: Mapping[str, bytes], owner: int | None) -> Path:
    """A new folder with these files in it, which belongs to ``owner``. Raises OSError."""
    folder = base / secrets.token_hex(8)
    folder.mkdir(mode=0o700)
    for name, source in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(source)
        file.chmod(0o600)
    if owner is not None:
        for path in (*folder.rglob("*"), folder):
            os.chown(path, owner, owner)
    return folder


def overfull(folder: Path) -> bool:
    """Whether more lies in it than is allowed, or it lies so deep or so closed that it cannot be seen."""
    files, total, levels = 0, 0, [os.fspath(folder)]
    try:
        while levels:
            for entry in entries(levels.pop()):
                files += 1
                total += size(entry)
                if files > MOST_FILES or total > MOST_FOLDER:
                    return True
                if entry.is_dir(follow_symlinks=False):
                    levels.append(entry.path)
    except OSError:
        return True
    return False


def entries(folder: str) -> list[os.DirEntry[str]]:
    """What lies in it, at most one more than is allowed; nothing where it has just gone. Raises OSError."""
    try:
        with os.scandir(folder) as found:
            return list(itertools.islice(found, MOST_FILES + 1))
    except (FileNotFoundError, NotADirectoryError):
        return []


def size(entry: os.DirEntry[str]) -> int:
    """In bytes, as it lies on the disk. Raises OSError."""
    try:
        return entry.stat(follow_symlinks=False).st_blocks * 512
    except FileNotFoundError:
        return 0


def removed(folder: Path) -> None:
    """Takes it away with all that is in it. Raises OSError.

    It goes from folder to folder by their names alone, so that no depth exceeds what a path, a stack or the table of
    descriptors can hold. Nothing may run any more that could move them meanwhile.
    """
    os.chmod(folder, stat.S_IRWXU)
    here, names = os.open(folder, os.O_RDONLY), [""]
    levels = [emptied(here)]
    while levels:
        if levels[-1]:
            names.append(levels[-1].pop())
            os.chmod(names[-1], stat.S_IRWXU, dir_fd=here)
            here = stepped(here, names[-1])
            levels.append(emptied(here))
            continue
        levels.pop()
        if levels:
            here = stepped(here, "..")
            os.rmdir(names.pop(), dir_fd=here)
    os.close(here)
    os.rmdir(folder)


def emptied(here: int) -> list[str]:
    """Removes all but the folders from a folder; the folders' names."""
    with os.scandir(here) as found:
        there = list(found)
    inner = [entry.name for entry in there if entry.is_dir(follow_symlinks=False)]
    for name in {entry.name for entry in there}.difference(inner):
        os.unlink(name, dir_fd=here)
    return inner


def stepped(here: int, name: str) -> int:
    """From one folder to the next."""
    try:
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY, dir_fd=here)
    finally:
        os.close(here)
