"""What was handed in, as files on a disk or in a zip: none is opened but plain files, and none is read past its limit.

A student's zip is refused as a whole if anything in it is no plain file of its own; nothing is ever written out of it.
"""

from __future__ import annotations

import errno
import io
import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from compare.grade.words import printable

MB = 1_000_000
MOST_INFLATED = 50 * MB  # of all that is in a student's zip; and of the zip itself
MOST_MEMBERS = 1_000  # of a student's zip
MOST_LISTED = 1 * MB  # of the list of its members, which is read before they can be counted
MOST_EXPORTED = 10 * MB  # of that of a whole class's zip
TOO_MANY = f"the archive has more than {MOST_MEMBERS} files; hand in the Python file alone"
CHUNK = 65_536  # of what is inflated at a time
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
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
            return _within(most, name, file.read(most + 1) if status.st_size <= most else None)
    except OSError as e:
        raise Refused(f"{name} cannot be read ({e.strerror})") from e


def _within(most: int, name: str, data: bytes | None) -> bytes:
    if data is None or len(data) > most:
        raise Refused(f"{name} is larger than {most // MB} MB; hand in the program alone")
    return data


class _Frugal:
    """A zip whose list of members is not read if it is long: what says how many there are is in a student's hands."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file, self._most = file, most

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, size: int = -1) -> bytes:
        """As of a file; raises Refused where it would be more than the list may have."""
        data = self._file.read(size if 0 <= size <= self._most else self._most + 1)
        if len(data) > self._most:
            raise Refused(TOO_MANY)
        return data


def inflated(archive: bytes, name: str) -> list[Entry]:
    """The files in a student's zip, but for junk. Raises Refused, for the archive as a whole."""
    try:
        with zipfile.ZipFile(cast(BinaryIO, _Frugal(io.BytesIO(archive), MOST_LISTED))) as opened:
            return list(_members(opened))
    except Refused as e:
        raise Refused(f"{name}: {e}") from e
    except Exception as e:  # zipfile has a dozen for archives that are broken, or made to break it
        raise Refused(f"{name} is no zip archive that can be read; zip the file once more") from e


def _members(archive: zipfile.ZipFile) -> Iterator[Entry]:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise Refused(TOO_MANY)
    for member in members:
        if why := refusal(member) or _nested(member):
            raise Refused(why)
    left = MOST_INFLATED
    for member in members:
        data = _inflate(archive, member, left)
        if data is None:
            raise Refused(f"the archive inflates to more than {MOST_INFLATED // MB} MB; hand in the Python file alone")
        left -= len(data)
        if not member.is_dir() and not is_junk(path := _slashed(member)):
            yield Entry(path, _reader(data, name_of(path)))


def _reader(data: bytes, name: str) -> Callable[[int], bytes]:
    return lambda most: _within(most, name, data)


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes | None:
    """Counts what comes, whatever the archive says of it; None as soon as it is more than ``most``."""
    chunks, size = [], 0
    with archive.open(member) as file:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            if size > most:
                return None
            chunks.append(chunk)
    return b"".join(chunks)


def refusal(member: zipfile.ZipInfo) -> str:
    """Why a member of a zip is not to be touched, or nothing."""
    path, kind = _slashed(member), stat.S_IFMT(member.external_attr >> 16)
    outside = path.startswith("/") or ".." in path.split("/") or re.match(r"[A-Za-z]:", path)
    usual = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    reasons = {
        "a name with a null byte ({}); give the file a plain name": "\0" in path,
        "a file that leads out of it ({}); zip the file without its folders": outside,
        "a symbolic link ({}); hand in the file itself": stat.S_ISLNK(kind),
        "what is no plain file ({}); hand in the file alone": kind not in (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK),
        "a file that is encrypted ({}); zip it without a password": member.flag_bits & 1,
        "a file that is compressed in an unusual way ({}); make a common .zip": not usual,
    }
    return next((f"the archive has {why.format(printable(path))}" for why, holds in reasons.items() if holds), "")


def _nested(member: zipfile.ZipInfo) -> str:
    path = _slashed(member)
    inner = path.lower().endswith(ARCHIVES)
    return f"the archive has another archive in it ({printable(path)}); hand in the Python file alone" if inner else ""


def _slashed(member: zipfile.ZipInfo) -> str:
    """Its name as it stands in the archive; Windows may have written it with backslashes."""
    return member.orig_filename.replace("\\", "/")


@contextmanager
def exported(archive: Path) -> Iterator[list[Entry]]:
    """What a course's export as one zip has, but for junk; it can be read as long as this is open.

    A member that is not to be touched has a problem. Raises OSError if the zip cannot be read.
    """
    with archive.open("rb") as file:
        try:
            opened = zipfile.ZipFile(cast(BinaryIO, _Frugal(file, MOST_EXPORTED)))
        except OSError:
            raise
        except Exception as e:  # as in inflated()
            raise OSError(errno.EINVAL, "it is no zip archive that can be read", str(archive)) from e
        entries = [_exported(opened, member) for member in opened.infolist() if not member.is_dir()]
        yield [entry for entry in entries if entry.path and not is_junk(entry.path)]


def _exported(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Entry:
    path = "/".join(part for part in _slashed(member).split("/") if part not in ("", ".", ".."))
    return Entry(path, lambda most: _within(most, name_of(path), _member(archive, member, most)), refusal(member))


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes | None:
    try:
        return _inflate(archive, member, most)
    except Exception as e:  # as in inflated()
        raise Refused(f"{name_of(_slashed(member))} cannot be read, as the archive is broken there") from e
