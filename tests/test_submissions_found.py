"""Every student of a class is found in whatever way it was exported, and no file, however made, stops the others.

Each check rejects the faults planted above it: a guard that is taken out is missed.
"""

from __future__ import annotations

import os
import re

import pytest
from handed_in import (
    METADATA,
    NOTEBOOK,
    PROGRAM,
    a_folder,
    handed_in,
    sources,
    zipped,
)
from planted import faults

from compare.grade.finding import submissions
from compare.grade.finding.submissions import find

catches, test_a_planted_fault_is_caught = faults("compare.grade.finding")


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


def test_a_pattern_of_the_assignments_own_says_who_it_is(tmp_path):
    handed_in(tmp_path, {"section 1/s123-net.py": b"a", "section 2/s124-net.py": b"b", "section 2/notes.py": b"c"})
    found = find(tmp_path, r"/s(?P<student>\d+)-")
    assert [(s.student, s.source) for s in found] == [("123", b"a"), ("124", b"b"), ("section 2", b"")]
    assert "pattern student finds nobody in its path, section 2/notes.py" in found[-1].problem


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


def test_nothing_of_a_submission_is_run_or_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    program = f"open({str(tmp_path / 'ran')!r}, 'w')".encode()
    handed_in(
        tmp_path / "class", {"ada.py": program, "alan.zip": zipped({"net.py": program}), "conftest/a.py": program}
    )
    before = sorted(tmp_path.rglob("*"))
    assert len(find(tmp_path / "class")) == 3
    assert sorted(tmp_path.rglob("*")) == before
