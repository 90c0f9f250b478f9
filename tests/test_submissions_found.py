"""Every student of a class is found in whatever way it was exported, and no file, however made, stops the others.

Each check rejects the faults planted above it: a guard that is taken out is missed.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import stat
import struct
import tempfile
import time
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path

import pytest
from planted import faults

from compare.grade.finding import choosing, entries, submissions, zips
from compare.grade.finding.submissions import find
from compare.grade.submitted import Submitted

catches, test_a_planted_fault_is_caught = faults("compare.grade.finding")
PROGRAM = b"import numpy as np\n"
PROGRAM_SUM = struct.pack("<I", zlib.crc32(PROGRAM))
NOTEBOOK = json.dumps({"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "source": "a = 1"}]}).encode()
METADATA = """---
submission_101:
  :submitters:
  - :name: Ada Lovelace
    :sid: '3001'
    :email: ada@example.edu
  :created_at: 2026-01-07 12:00:00.000000000 Z
  :score: 10.0
  :results:
    tests:
    - output: |
        :sid: 'none of it'
  :history:
  - :id: 100
    :submitters:
    - :sid: '999'
submission_102:
  :submitters:
  - :name: "J\\u00fcrgen O'Neil"
    :sid: ''
    :email:
  - :name: 'Alan ''T'' Turing'
    :sid:
    :email: alan@example.edu
"""


@contextmanager
def a_folder():
    """For checks in which faults are planted, which are called without fixtures."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def handed_in(folder: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def zipped(files: dict[str, bytes] | list[tuple[str, bytes]]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for path, content in files.items() if isinstance(files, dict) else files:
            made.writestr(path, content)
    return data.getvalue()


def member(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def sources(found: list[Submitted]) -> dict[str, bytes]:
    assert not [submitted for submitted in found if submitted.problem]
    return {submitted.student: submitted.source for submitted in found}


LAYOUTS = {  # of each export, the files, and the students
    "files": ({"ada.py": b"a", "alan.py": b"b", "emmy.ipynb": NOTEBOOK}, ["ada", "alan", "emmy"]),
    "folders": ({"ada/net.py": b"a", "alan/hw/deep/net.py": b"b"}, ["ada", "alan"]),
    "zips": ({"ada.zip": zipped({"net.py": b"a"}), "alan.zip": zipped({"hw/net.ipynb": NOTEBOOK})}, ["ada", "alan"]),
    "zips in folders": ({"ada/hw.zip": zipped({"net.py": b"a"}), "alan/net.py": b"b"}, ["ada", "alan"]),
    "Canvas": (
        {
            "lovelaceada_12_34_net-1.py": b"a",
            "turingalan_LATE_13_35_my_net_2.py": b"b",
            "o'neil_14_36_n.zip": zipped({"a.py": b"c"}),
        },
        ["lovelaceada_12", "o'neil_14", "turingalan_13"],
    ),
    "Moodle": (
        {
            "Ada Lovelace_123_assignsubmission_file_/net.py": b"a",
            "Ada Lovelace_123_assignsubmission_onlinetext_/onlinetext.html": b"<p>",
            "Alan_Turing_124_assignsubmission_file/net.py": b"b",
            "Emmy Noether_125_assignsubmission_file_net.py": b"c",
        },
        ["Ada Lovelace_123", "Alan_Turing_124", "Emmy Noether_125"],
    ),
    "Gradescope": (
        {
            "submission_metadata.yml": METADATA.encode(),
            "submission_101/net.py": b"a",
            "submission_102/net.py": b"b",
            "submission_103/net.py": b"c",
        },
        ["3001", "Jürgen O'Neil", "alan@example.edu", "submission_103"],
    ),
    "nbgrader": (
        {
            "submitted/ada/hw1/net.ipynb": NOTEBOOK,
            "submitted/alan/hw1/net.ipynb": NOTEBOOK,
            "submitted/alan/hw1/timestamp.txt": b"2026",
        },
        ["ada", "alan"],
    ),
    "nbgrader's inner folder": (
        {"ada/hw1/net.ipynb": NOTEBOOK, "ada/hw1/timestamp.txt": b"2026", "alan/hw1/net.ipynb": NOTEBOOK},
        ["ada", "alan"],
    ),
    "what else lies there": (
        {
            "ada.py": b"a",
            ".DS_Store": b"\0",
            "._ada.py": b"\0",
            "__MACOSX/._ada.py": b"\0",
            "Thumbs.db": b"\0",
            ".git/config.py": b"x",
            "alan/net.py": b"b",
            "alan/.ipynb_checkpoints/net-checkpoint.py": b"x",
            "alan/__pycache__/net.pyc": b"x",
            "alan/plot.png": b"x",
            "roster.csv": b"x",
            "README.md": b"x",
            "assignment.toml": b"x",
        },
        ["ada", "alan"],
    ),
}


@pytest.mark.parametrize("around", ["", "Homework 3/"], ids=["bare", "in a folder"])
@pytest.mark.parametrize(("files", "students"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_every_student_of_an_export_is_found_unpacked_or_not(tmp_path, files, students, around):
    assert list(sources(find(handed_in(tmp_path / "class", files)))) == students
    handed_in(tmp_path, {"all.zip": zipped({around + path: data for path, data in files.items()})})
    assert list(sources(find(tmp_path / "all.zip"))) == students


@pytest.mark.parametrize("name", ["Canvas", "Moodle", "Gradescope", "nbgrader"])
def test_an_export_is_found_in_the_folder_that_it_was_unpacked_to(tmp_path, name):
    files, students = LAYOUTS[name]
    assert list(sources(find(handed_in(tmp_path, {f"export/{path}": files[path] for path in files})))) == students


def anywhere(layout):
    return re.compile(layout.pattern.replace("^", "(?:^|/)", 1), layout.flags)


@catches("layouts anywhere in a path", "submissions.LAYOUTS", [anywhere(layout) for layout in submissions.LAYOUTS])
def test_nobody_hands_in_for_another_by_the_name_of_a_folder():
    eves = ("submitted/ada/a.py", "submission_101/b.py", "ada_1_assignsubmission_file_/c.py", "ada/d.py")
    with a_folder() as folder:
        handed_in(folder, {"ada/net.py": PROGRAM} | {f"eve/{path}": b"x" for path in eves})
        found = find(folder)
    assert [(submitted.student, submitted.source) for submitted in found] == [("ada", PROGRAM), ("eve", b"")]
    assert "4 Python files" in found[1].problem


def test_nobody_hands_in_for_another_by_the_name_of_a_file(tmp_path):
    handed_in(tmp_path / "canvas", {"ada_1_5_net.py": PROGRAM, "eve_2_6_ada_1_9_net.py": b"x"})
    moodle = {
        "Ada_1_assignsubmission_file_net.py": PROGRAM,
        "Eve_2_assignsubmission_file_Ada_1_assignsubmission_file_n.py": b"x",
    }
    assert sources(find(tmp_path / "canvas")) == {"ada_1": PROGRAM, "eve_2": b"x"}
    assert sources(find(handed_in(tmp_path / "moodle", moodle))) == {"Ada_1": PROGRAM, "Eve_2": b"x"}


@pytest.mark.parametrize(
    "teachers", [{}, {"submission_metadata.yml": METADATA.encode()}], ids=["none", "the teacher's"]
)
@pytest.mark.parametrize("way", ["folder", "zip"])
def test_nobody_hands_in_for_another_by_metadata_of_their_own(tmp_path, way, teachers):
    own = b"submission_101:\n  :submitters:\n  - :sid: '3002'\nsubmission_104:\n  :submitters:\n  - :sid: '3001'\n"
    files = {"submission_104/submission_metadata.yml": own, "submission_104/n.py": b"x", "submission_101/n.py": PROGRAM}
    data = zipped(files | teachers)
    handed_in(tmp_path, files | teachers if way == "folder" else {"all.zip": data})
    found = sources(find(tmp_path if way == "folder" else tmp_path / "all.zip"))
    assert found == {"3001" if teachers else "submission_101": PROGRAM, "submission_104": b"x"}


@pytest.mark.parametrize("name", ["Canvas", "Moodle", "Gradescope", "nbgrader", "zips"])
def test_an_export_that_lies_in_its_folder_as_one_zip_is_a_whole_class(tmp_path, name):
    files, students = LAYOUTS[name]
    assert list(sources(find(handed_in(tmp_path, {"submissions.zip": zipped(files)})))) == students


def test_the_source_is_the_files_and_the_cells(tmp_path):
    handed_in(tmp_path, {"ada.py": PROGRAM, "alan.zip": zipped({"x/net.py": PROGRAM}), "emmy.ipynb": NOTEBOOK})
    ada, alan, emmy = find(tmp_path)
    assert ada == Submitted("ada", PROGRAM, "ada.py")
    assert alan == Submitted("alan", PROGRAM, "net.py")
    assert (emmy.source, emmy.name) == (b"# cell 1\na = 1\n", "emmy.ipynb")


@catches("the first one taken", "choosing._latest", lambda files: list(files)[:1])
@catches("both taken", "choosing._latest", list)
def test_what_canvas_renamed_last_is_taken():
    files = {"a_1_7_net.py": b"0", "a_1_8_net-1.py": b"1", "a_1_9_net-10.py": b"10", "a_1_10_net-2.py": b"2"}
    late = {"b_2_11_net.py": b"old", "b_LATE_2_12_net.py": b"new"}
    with a_folder() as folder:
        found = find(handed_in(folder, files | late))
    assert [(submitted.student, submitted.source) for submitted in found] == [("a_1", b"10"), ("b_2", b"new")]


def test_a_pattern_of_the_assignments_own_says_who_it_is(tmp_path):
    handed_in(tmp_path, {"section 1/s123-net.py": b"a", "section 2/s124-net.py": b"b", "section 2/notes.py": b"c"})
    found = find(tmp_path, r"/s(?P<student>\d+)-")
    assert [(s.student, s.source) for s in found] == [("123", b"a"), ("124", b"b"), ("section 2", b"")]
    assert "pattern student finds nobody in its path, section 2/notes.py" in found[-1].problem


SEVERAL = {"ada/net.py": b"a", "ada/test.py": b"b"}


def test_of_two_files_none_is_taken_unless_the_assignment_says_which(tmp_path):
    (found,) = find(handed_in(tmp_path, SEVERAL))
    assert (found.source, found.problem) == (b"", "two Python files (net.py, test.py); hand in one")
    assert sources(find(tmp_path, file="net.py")) == {"ada": b"a"}
    assert sources(find(tmp_path, file="ada/test.py")) == {"ada": b"b"}
    assert find(tmp_path, file="other.py")[0].problem == "two Python files (net.py, test.py); hand in one"
    assert find(tmp_path, file="et.py")[0].problem, "no half of a name"


def test_the_files_name_counts_in_a_zip_and_behind_what_canvas_puts_before_it(tmp_path):
    two = zipped({"hw/net.py": b"a", "hw/other.py": b"b"})
    handed_in(tmp_path, {"ada.zip": two, "alan_1_2_net-3.py": b"c", "alan_1_3_other.py": b"d"})
    assert sources(find(tmp_path, file="net.py")) == {"ada": b"a", "alan_1": b"c"}
    assert [submitted.problem for submitted in find(tmp_path)] == [
        "two Python files (net.py, other.py); hand in one",
        "two Python files (alan_1_2_net-3.py, alan_1_3_other.py); hand in one",
    ]


def test_a_student_without_a_program_is_told_so(tmp_path):
    handed_in(tmp_path, {"ada/report.pdf": b"%PDF", "alan.docx": b"PK", "ok.py": PROGRAM})
    (tmp_path / "emmy").mkdir()
    assert {submitted.student: submitted.problem for submitted in find(tmp_path)} == {
        "ada": "no .py, .ipynb or .zip file (report.pdf); hand in one",
        "alan.docx": "no .py, .ipynb or .zip file (alan.docx); hand in one",
        "emmy": "no .py, .ipynb or .zip file (emmy); hand in one",
        "ok": "",
    }


def test_many_files_are_counted_and_some_named(tmp_path):
    handed_in(tmp_path, {f"ada/{number:04}.py": b"x" for number in range(1234)})
    assert find(tmp_path)[0].problem == "1,234 Python files (0000.py, 0001.py, 0002.py, 0003.py, …); hand in one"


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


LINK = stat.S_IFLNK | 0o777
ZIPS = {  # what a student hands in, and words of the sentence
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
    "60 MB of zeros": (zipped({"net.py": PROGRAM, "zeros.bin": bytes(60_000_000)}), "inflates to more than 50 MB"),
    "60 MB in twelve": (zipped({f"{k}.bin": bytes(5_000_000) for k in range(12)}), "inflates to more than 50 MB"),
    "11 MB of program": (zipped({"net.py": b"#" * 11_000_000}), "net.py is larger than 10 MB"),
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
    files = {"ada.py": PROGRAM, "eve.zip": data, "zoe.zip": zipped({"net.py": PROGRAM})}
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
        found = find(handed_in(folder, {"eve.zip": ZIPS[case][0], "zoe.py": PROGRAM}))[0]
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
    (found,) = find(handed_in(tmp_path, {"eve.zip": ZIPS[case][0]}))
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


def on_disk() -> list[Submitted]:
    """A class with every kind of thing that is no plain file."""
    with a_folder() as folder, a_folder() as secret:
        handed_in(secret, {"secret.py": b"SECRET = 1\n"})
        handed_in(folder, {"ada.py": PROGRAM, "eve3/net.py": PROGRAM})
        (folder / "eve1.py").symlink_to(secret / "secret.py")
        (folder / "eve2").symlink_to(secret)
        (folder / "eve3" / "data").symlink_to(secret)
        (folder / "eve4.py").symlink_to(folder / "nowhere")
        os.mkfifo(folder / "eve5.py")
        with (folder / "eve6.py").open("wb") as file:
            file.truncate(100_000_000)
        return find(folder)


file_of = entries._file


def links_followed(found, path):
    return entries.Entry(path, lambda _: Path(found.path).read_bytes()) if path == "eve1.py" else file_of(found, path)


@catches("links followed", "entries._file", links_followed)
@catches("any size", "entries.within", lambda most, name, data: data or b"")
def test_what_is_no_plain_file_is_one_sentence_and_the_class_goes_on():
    assert {submitted.student: submitted.problem for submitted in on_disk()} == {
        "ada": "",
        "eve1": "eve1.py is a symbolic link; hand in the file itself",
        "eve2": "eve2 is a symbolic link; hand in the file itself",
        "eve3": "data is a symbolic link; hand in the file itself",
        "eve4": "eve4.py is a symbolic link; hand in the file itself",
        "eve5": "eve5.py is no plain file; hand in a file",
        "eve6": "eve6.py is larger than 10 MB; hand in the program alone",
    }


def test_nothing_is_read_of_what_is_no_plain_file_nor_of_what_is_too_large():
    def characters_read() -> int:
        return int(Path("/proc/self/io").read_text().split()[1])

    before = characters_read()
    assert not [submitted for submitted in on_disk() if b"SECRET" in submitted.source]
    assert characters_read() - before < 1_000_000


@catches("links followed", "entries.os.O_NOFOLLOW", 0)
@catches("any kind of file", "entries.stat.S_ISREG", lambda mode: True)
def test_what_has_become_something_else_since_it_was_found_is_not_read():
    with a_folder() as folder:
        (folder / "link.py").symlink_to("/etc/passwd")
        os.mkfifo(folder / "pipe.py")
        for path, words in (
            ("link.py", "link.py cannot be read"),
            ("pipe.py", "plain file"),
            ("gone.py", "No such file"),
        ):
            with pytest.raises(entries.Refused, match=words):
                entries.from_disk(str(folder / path), 100)
    with pytest.raises(entries.Refused, match="no plain file"):
        entries.from_disk("/dev/zero", 100)


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


NAMES = {  # a name that a student may give a file, and how the student is called then
    "a newline": ("a\nb.py", "a b"),
    "a newline at its end": ("ada\n.py", "ada"),
    "HTML": ("<script>alert(1)<!-- -->.py", "<script>alert(1)<!-- -->"),
    "a formula": ("=cmd|'!A1'.py", "=cmd|'!A1'"),
    "what moves a cursor": ("\x1b[2J\x1b]0;x\x07a.py", "[2J ]0;x a"),
    "writing from the right": ("a\u202egnp.py", "a gnp"),
    "a long name": ("x" * 240 + ".py", "x" * 99 + "…"),
    "nothing that can be shown": ("\x01\x02.py", "nameless"),
    "no UTF-8": (os.fsdecode(b"a\xff\xfe.py"), "a"),
    "an accent of its own": ("Ju\u0308rgen.py", "Jürgen"),
    "a blank": (" .py", "nameless"),
}


@pytest.mark.parametrize(("name", "student"), NAMES.values(), ids=NAMES.keys())
def test_any_name_of_a_file_makes_a_student_that_can_be_shown(tmp_path, name, student):
    (found,) = find(handed_in(tmp_path, {name: b""}))
    assert found.student == student
    assert (found.student + found.name + found.problem).isprintable()
    assert len(found.student) <= 100
    assert found.problem.endswith("is empty; hand in the file with the program")


@catches(
    "two under one name",
    "submissions._labels",
    lambda files: {who: submissions.printable(who) for who in files},
)
def test_nobody_takes_anothers_name_by_what_cannot_be_seen():
    long = "x" * 150
    names = ["ada.py", "ada\n.py", "ada\x01.py", "a\n.py", f"{long}1.py", f"{long}2.py", f"{long}3.py"]
    with a_folder() as folder:
        found = find(handed_in(folder, {name: f"# {name!r}".encode() for name in names}))
    students = [submitted.student for submitted in found]
    assert len(set(students)) == len(names)
    assert max(map(len, students)) <= 100
    assert {s.student: s.source for s in found}["ada"] == b"# 'ada.py'", "who is called so keeps the name"
    assert students == sorted(students)


TEXTS = {  # a source, and words of the sentence
    "a null byte": (b"a = 1\0", "eve.py has a null byte, so it is no Python text; save it as UTF-8"),
    "UTF-16": ("a = 1".encode("utf-16"), "eve.py has a null byte"),
    "nothing": (b"", "eve.py is empty; hand in the file with the program"),
    "blanks": (b" \n\t\n", "eve.py is empty"),
    "a byte too many": (b"#" * (choosing.MOST_SOURCE + 1), "eve.py is larger than 10 MB"),
}


@catches("any bytes", "choosing._source", lambda entry: entry.read(10**9), case="a null byte")
@catches("any bytes", "choosing._source", lambda entry: entry.read(10**9), case="blanks")
@pytest.mark.parametrize("case", TEXTS)
def test_what_is_no_text_is_one_sentence(case):
    with a_folder() as folder:
        (found,) = find(handed_in(folder, {"eve.py": TEXTS[case][0]}))
    assert TEXTS[case][1] in found.problem
    assert found.source == b""


def test_a_source_as_large_as_may_be_is_taken(tmp_path):
    data = b"#" * choosing.MOST_SOURCE
    assert sources(find(handed_in(tmp_path, {"ada.py": data, "alan.zip": zipped({"n.py": data})}))).keys() == {
        "ada",
        "alan",
    }


def test_a_broken_notebook_is_one_sentence_with_its_name(tmp_path):
    of_r = NOTEBOOK.replace(b'"metadata": {}', b'"metadata": {"language_info": {"name": "R"}}')
    large = b'{"cells": [' + b" " * choosing.MOST_NOTEBOOK + b"]}"
    null = NOTEBOOK.replace(b"a = 1", b"a = '\\u0000'")
    files = {
        "eve1.ipynb": NOTEBOOK[:-1],
        "eve2.ipynb": of_r,
        "eve3.ipynb": large,
        "eve4.ipynb": null,
        "ok.ipynb": NOTEBOOK,
    }
    found = find(handed_in(tmp_path, files))
    assert [submitted.problem for submitted in found] == [
        "eve1.ipynb is no notebook, as it is not JSON; save it in Jupyter once more",
        "eve2.ipynb is a notebook in R; hand in one in Python",
        "eve3.ipynb is larger than 20 MB; hand in the program alone",
        "eve4.ipynb has a null byte, so it is no Python text; save it as UTF-8",
        "",
    ]


@catches("other files' ids", "gradescope._scalar", lambda text: text)
def test_gradescopes_metadata_names_whoever_handed_in_together():
    with a_folder() as folder:
        files = {"submission_metadata.yml": METADATA.encode(), "submission_101/a.py": b"a", "submission_102/b.py": b"b"}
        found = sources(find(handed_in(folder, files)))
    assert found == {"3001": b"a", "alan@example.edu": b"b", "Jürgen O'Neil": b"b"}


@pytest.mark.parametrize(
    "metadata",
    [
        b"",
        b"\xff\xfe",
        b"submission_1:\n  :submitters: []\n",
        b'submission_1:\n  :submitters:\n    :sid: "x\n',
        b"[" * 1000,
    ],
)
def test_without_metadata_that_can_be_read_gradescopes_folders_are_the_students(tmp_path, metadata):
    files = {"submission_metadata.yml": metadata, "submission_1/a.py": b"a", "submission_2/b.py": b"b"}
    assert len(sources(find(handed_in(tmp_path, files)))) == 2


def test_a_folder_that_is_not_there_or_no_zip_is_an_error_of_the_system_with_its_name(tmp_path):
    handed_in(tmp_path, {"class.zip": b"no zip", "broken.zip": zipped({"a.py": b"a"})[:-3]})
    for name in ("gone", "class.zip", "broken.zip"):
        with pytest.raises(OSError, match=name) as refused:
            find(tmp_path / name)
        assert refused.value.strerror
        assert refused.value.filename == str(tmp_path / name)


def test_an_empty_folder_has_nobody(tmp_path):
    assert find(tmp_path) == []


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


def test_nothing_of_a_submission_is_run_or_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    program = f"open({str(tmp_path / 'ran')!r}, 'w')".encode()
    handed_in(
        tmp_path / "class", {"ada.py": program, "alan.zip": zipped({"net.py": program}), "conftest/a.py": program}
    )
    before = sorted(tmp_path.rglob("*"))
    assert len(find(tmp_path / "class")) == 3
    assert sorted(tmp_path.rglob("*")) == before
