"""A zip that a student hands in, whatever it says of itself: one sentence, and the class goes on."""

from __future__ import annotations

import io
import os
import random
import stat
import struct
import time
import zipfile
from collections.abc import Callable
from functools import cache

import pytest
from handed_in import (
    PROGRAM,
    PROGRAM_SUM,
    a_folder,
    handed_in,
    member,
    sources,
    zipped,
)
from planted import faults

from compare.grade.finding import zips
from compare.grade.finding.submissions import find

catches, test_a_planted_fault_is_caught = faults("compare.grade.finding")


def encrypted(name: str) -> bytes:
    data = bytearray(zipped({name: PROGRAM}))
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


def lying(size: int) -> bytes:
    """A zip whose lists say that 2 MB are so many bytes."""
    data = bytearray(zipped({"net.py": b"#" * 2_000_000}))
    for at in (data.index(b"PK\1\2") + 24, data.index(b"PK\3\4") + 22):
        data[at : at + 4] = struct.pack("<I", size)
    return bytes(data)


def with_null(name: str) -> bytes:
    return zipped({name.replace("\0", "@"): PROGRAM}).replace(name.replace("\0", "@").encode(), name.encode())


def crowded(listed: int) -> bytes:
    """A zip of 300,000 members, whose end says that it has so many."""
    entry = zipped({"a": b""})
    entry = entry[entry.index(b"PK\1\2") : entry.index(b"PK\5\6")]
    local = zipped({"a": b""})
    local = local[: local.index(b"PK\1\2")]
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, listed, listed, len(entry) * 300_000, len(local), 0)
    return local + entry * 300_000 + end


def another_compression() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_BZIP2) as made:
        made.writestr("net.py", PROGRAM)
    return data.getvalue()


@cache
def made(data: bytes | Callable[[], bytes]) -> bytes:
    return data() if callable(data) else data


LINK = stat.S_IFLNK | 0o777
ZEROS = bytes(60_000_000)
ZIPS = {  # what a student hands in (what takes long, when it is needed), and words of the sentence
    "a name that leads upwards": (zipped({"../../net.py": PROGRAM}), "leads out of it (../../net.py)"),
    "a name that leads upwards later": (zipped({"a/../../net.py": PROGRAM}), "leads out of it"),
    "an absolute name": (zipped({"/etc/net.py": PROGRAM}), "leads out of it (/etc/net.py)"),
    "a drive": (zipped({"C:\\net.py": PROGRAM}), "leads out of it (C:/net.py)"),
    "Windows' way upwards": (zipped({"..\\..\\net.py": PROGRAM}), "leads out of it (../../net.py)"),
    "a null byte in a name": (with_null("net.py\0.txt"), "a name with a null byte (net.py .txt)"),
    "a symbolic link": (zipped([(member("net.py", LINK), b"/etc/passwd")]), "a symbolic link (net.py)"),
    "a link beside it": (zipped([("net.py", PROGRAM), (member("d", LINK), b"/")]), "a symbolic link (d)"),
    "a pipe": (zipped([(member("net.py", stat.S_IFIFO), b"")]), "what is no plain file (net.py)"),
    "a device": (zipped([(member("net.py", stat.S_IFCHR), b"")]), "what is no plain file (net.py)"),
    "a password": (encrypted("net.py"), "a file that is encrypted (net.py)"),
    "another compression": (another_compression(), "compressed in an unusual way (net.py)"),
    "a zip in it": (zipped({"net.py": PROGRAM, "in.zip": zipped({})}), "another archive in it (in.zip)"),
    "60 MB of zeros": (lambda: zipped({"net.py": PROGRAM, "0.bin": ZEROS}), "inflates to more than 50 MB"),
    "60 MB in twelve": (lambda: zipped({f"{k}.bin": ZEROS[::12] for k in range(12)}), "inflates to more than 50 MB"),
    "11 MB of program": (lambda: zipped({"net.py": b"#" * 11_000_000}), "net.py is larger than 10 MB"),
    "1,001 files": (zipped({f"{k}.txt": b"" for k in range(1001)}), "more than 1000 files"),
    "300,000 files": (crowded(65535), "more than 1000 files"),
    "300,000 files that are said to be one": (crowded(1), "more than 1000 files"),
    "a size that is a lie": (lying(10), "is no zip archive that can be read"),
    "no zip": (b"PK\3\4 no zip", "is no zip archive that can be read"),
    "half of one": (zipped({"net.py": os.urandom(1000)})[:-50], "is no zip archive that can be read"),
    "a wrong sum": (zipped({"net.py": PROGRAM}).replace(PROGRAM_SUM, b"1234"), "is no zip archive that can be read"),
    "nothing": (b"", "is no zip archive that can be read"),
    "no files": (zipped({}), "no .py or .ipynb file; hand in one"),
    "two with one name": (zipped({"a/net.py": b"a", "b/net.py": b"b"}), "two Python files (net.py, net.py)"),
    "a newline in a name": (zipped({"a\n\x1b[2J.py": PROGRAM, "b.py": b""}), "two Python files (a [2J.py, b.py)"),
}  # fmt: skip


@pytest.mark.parametrize("way", ["files", "a zip"])
@pytest.mark.parametrize(("data", "words"), ZIPS.values(), ids=ZIPS.keys())
def test_a_hostile_zip_is_one_sentence_and_the_class_goes_on(tmp_path, data, words, way):
    files = {"ada.py": PROGRAM, "eve.zip": made(data), "zoe.zip": zipped({"net.py": PROGRAM})}
    place = handed_in(tmp_path, files if way == "files" else {"all.zip": zipped(files)})
    ada, eve, zoe = find(place if way == "files" else place / "all.zip")
    assert (ada.source, zoe.source) == (PROGRAM, PROGRAM)
    assert (ada.problem, zoe.problem) == ("", "")
    assert (eve.student, eve.source) == ("eve", b"")
    assert words in eve.problem, eve.problem
    assert eve.problem.isprintable()


@catches("no size counted", "zips._inflate", lambda opened, member, most: opened.read(member), case="60 MB of zeros")
@catches(
    "each file for itself",
    "zips._inflate",
    lambda o, m, most: o.read(m) if m.file_size < 5e7 else None,
    case="60 MB in twelve",
)
@catches(
    "the list believed",
    "zips._inflate",
    lambda o, m, most: b"" if m.file_size < most else None,
    case="a size that is a lie",
)
@catches("names not looked at", "zips.refusal", lambda member: "", case="a name that leads upwards")
@catches("names not looked at", "zips.refusal", lambda member: "", case="a drive")
@catches("names not looked at", "zips.refusal", lambda member: "", case="a null byte in a name")
@catches("links not looked at", "zips.refusal", lambda member: "", case="a symbolic link")
@catches("backslashes", "zips._slashed", lambda member: member.filename, case="Windows' way upwards")
@catches("what is cut off", "zips._slashed", lambda member: member.filename, case="a null byte in a name")
@catches("zips in zips", "zips._nested", lambda member: "", case="a zip in it")
@catches("any number", "zips.MOST_MEMBERS", 10**9, case="1,001 files")
@catches("any program", "choosing.MOST_SOURCE", 10**9, case="11 MB of program")
@pytest.mark.parametrize("case", ["no zip", "nothing"])
def test_no_guard_of_a_zip_can_be_left_out(case):
    with a_folder() as folder:
        found = find(handed_in(folder, {"eve.zip": made(ZIPS[case][0]), "zoe.py": PROGRAM}))[0]
    assert ZIPS[case][1] in found.problem
    assert found.source == b""


@catches("the end believed", "zips._Frugal", lambda file, most: file)
def test_a_long_list_of_members_is_not_read_whatever_its_end_says():
    with a_folder() as folder:
        handed_in(folder, {"eve.zip": crowded(1), "zoe.py": PROGRAM})
        began = time.process_time()
        assert "more than 1000 files" in find(folder)[0].problem
    assert time.process_time() - began < 1, "all of the list was read"


@catches("the list believed", "zips._inflate", lambda o, m, most: o.read(m) if m.file_size <= most else None)
def test_what_a_zip_says_of_its_size_is_not_believed():
    with a_folder() as folder:
        handed_in(folder, {"ada.zip": lying(2**31), "zoe.py": PROGRAM})
        assert len(sources(find(folder))["ada"]) == 2_000_000


@pytest.mark.parametrize("case", ZIPS)
def test_a_hostile_zip_that_is_alone_is_one_sentence(tmp_path, case):
    (found,) = find(handed_in(tmp_path, {"eve.zip": made(ZIPS[case][0])}))
    assert (found.student, found.source) == ("eve", b"")
    assert ZIPS[case][1] in found.problem


def test_a_bomb_is_left_as_soon_as_it_is_too_large(monkeypatch):
    read = []
    inflate = zips._inflate
    monkeypatch.setattr(zips, "_inflate", lambda *a: read.append(inflate(*a)) or read[-1])
    with a_folder() as folder:
        data = zipped({"a.bin": bytes(30_000_000), "b.bin": bytes(90_000_000), "c.bin": b""})
        assert "more than 50 MB" in find(handed_in(folder, {"eve.zip": data}))[0].problem
    assert [None if data is None else len(data) for data in read] == [30_000_000, None]


def test_an_export_with_hostile_members_goes_on_without_them(tmp_path):
    members = [
        ("ada.py", PROGRAM),
        ("../../eve1.py", PROGRAM),
        ("/etc/eve2.py", PROGRAM),
        (member("eve3.py", LINK), b"/etc/passwd"),
        ("eve4.py", bytes(60_000_000)),
        ("zoe/net.py", PROGRAM),
    ]
    handed_in(tmp_path, {"all.zip": zipped(members)})
    problems = {submitted.student: submitted.problem for submitted in find(tmp_path / "all.zip")}
    assert {student for student, problem in problems.items() if not problem} == {"ada", "zoe"}
    assert "leads out of it (../../eve1.py)" in problems["eve1"]
    assert "leads out of it (/etc/eve2.py)" in problems["etc"]
    assert "a symbolic link (eve3.py)" in problems["eve3"]
    assert problems["eve4"] == "eve4.py is larger than 10 MB; hand in the program alone"


def test_the_zip_of_one_student_alone_is_no_class(tmp_path):
    (found,) = find(handed_in(tmp_path, {"eve.zip": zipped({"in.zip": zipped({"net.py": PROGRAM})})}))
    assert found.student == "eve"
    assert "another archive in it" in found.problem


def test_no_damage_to_a_zip_stops_the_class(tmp_path):
    whole = zipped({"hw/net.py": PROGRAM * 20, "hw/plot.png": os.urandom(300), "hw/x/": b""})
    rng = random.Random(1)
    for number in range(400):
        damaged = bytearray(whole)
        for _ in range(rng.choice((1, 1, 2, 8))):
            damaged[rng.randrange(len(whole))] = rng.randrange(256)
        handed_in(tmp_path, {f"{number:03}.zip": bytes(damaged)})
    found = find(tmp_path)
    assert len(found) == 400
    assert {bool(submitted.source) != bool(submitted.problem) for submitted in found} == {True}
    assert all(submitted.problem.isprintable() for submitted in found)
