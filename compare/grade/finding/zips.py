"""What was handed in as zips: a student's, or a whole class's; nothing is read past its limit, or written out of them.

A student's zip is refused as a whole if anything in it is no plain file of its own.
"""

from __future__ import annotations

import errno
import io
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from compare.grade.finding.entries import MB, Entry, Refused, is_junk, name_of, within
from compare.grade.words import printable

MOST_INFLATED = 50 * MB  # of all that is in a student's zip; and of the zip itself
MOST_MEMBERS = 1_000  # of a student's zip
MOST_LISTED = 1 * MB  # of the list of its members, which is read before they can be counted
MOST_EXPORTED = 10 * MB  # of that of a whole class's zip
TOO_MANY = f"the archive has more than {MOST_MEMBERS} files; hand in the Python file alone"
CHUNK = 65_536  # of what is inflated at a time
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")


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
    return lambda most: within(most, name, data)


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
    return Entry(path, lambda most: within(most, name_of(path), _member(archive, member, most)), refusal(member))


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes | None:
    try:
        return _inflate(archive, member, most)
    except Exception as e:  # as in inflated()
        raise Refused(f"{name_of(_slashed(member))} cannot be read, as the archive is broken there") from e
