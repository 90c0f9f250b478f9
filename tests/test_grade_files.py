"""The files: whole or as before, and in a folder that is the student's alone, whatever the student is called."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from pathlib import Path
from urllib.parse import unquote

import pytest
from graded import NASTY, a_class, nasty, not_graded, right, wrong
from hypothesis import given
from hypothesis import strategies as st
from planted import faults

from compare.grade.result import Result
from compare.grade.telling import files
from compare.grade.telling.names import file_name, link

TITLE = "Exercise 4"
IDS = ["ada", "Ada", "ADA", "äda", "a/b", "a\\b", "a b", "..", ".", "", "-rf", ".git", "con", "nul.txt", "x" * 300]
IDS += ["class.html", "gradebook.csv", "junit.xml", "a\x00", "a\n", "a\udcff", "ß", "a:b", "a.", "a@b.edu", *NASTY[:-1]]
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=300)
catches, test_a_planted_fault_is_caught = faults("compare.grade")


def write_through(path, text):
    """A slip: what was there before is gone as soon as writing begins."""
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


@catches("what is left stays", "telling.files.Path.glob", lambda *_: [])
def test_of_a_run_that_was_killed_while_it_wrote_nothing_is_left():
    with tempfile.TemporaryDirectory() as folder:
        own = files.write_student(Path(folder), wrong(), TITLE)
        (own / ".gradescope.json.20a48390352d324a").write_text("{", encoding="utf-8")
        files.write_student(Path(folder), wrong(), TITLE)
        assert sorted(os.listdir(own)) == ["page.html", "result.json"]


def test_a_student_gets_a_page_and_the_teacher_a_result(tmp_path):
    own = files.write_student(tmp_path, wrong(), TITLE)
    assert own == tmp_path / "bob"
    assert sorted(path.name for path in own.iterdir()) == ["page.html", "result.json"]
    assert Result.from_json((own / "result.json").read_text(encoding="utf-8")) == wrong()
    assert (own / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_class_gets_a_page_a_gradebook_and_junit(tmp_path):
    results = [*a_class(20), nasty(), not_graded("")]
    files.write_class(tmp_path / "new" / "folder", results, TITLE)
    folder = tmp_path / "new" / "folder"
    assert sorted(path.name for path in folder.iterdir()) == ["class.html", "gradebook.csv", "junit.xml"]
    with (folder / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 22


def test_every_link_of_the_class_leads_to_a_page(tmp_path):
    results = [right(student) for student in IDS]
    for result in results:
        files.write_student(tmp_path, result, TITLE)
    files.write_class(tmp_path, results, TITLE)
    html = (tmp_path / "class.html").read_text(encoding="utf-8")
    for result in results:
        assert f'href="{link(result.student)}"' in html
        assert (tmp_path / unquote(link(result.student))).is_file()


@catches("the id is the name", "telling.files.file_name", lambda student: student)
def test_no_student_writes_outside_the_folder():
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top) / "a" / "b"
        for student in ("../x", "..", "../../y", "c/../../z"):
            own = files.write_student(folder, right(student), TITLE)
            assert own.resolve().parent == folder.resolve()


def test_the_id_is_kept_as_it_was_so_that_its_folder_is_found_again(tmp_path):
    for student in IDS:
        own = files.write_student(tmp_path, right(student), TITLE)
        again = Result.from_json((own / "result.json").read_text(encoding="utf-8")).student
        assert (again, file_name(again)) == (student, own.name)


def test_numbers_that_are_not_finite_do_not_spoil_the_json(tmp_path):
    own = files.write_student(tmp_path, nasty(), TITLE)
    json.loads((own / "result.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)


def test_a_plain_id_is_its_own_name_and_any_other_can_still_be_read():
    assert [file_name(s) for s in ("ada", "ada.lovelace", "s1234567", "a_b-c")] == [
        "ada",
        "ada.lovelace",
        "s1234567",
        "a_b-c",
    ]
    assert file_name("Ada Lovelace").startswith("ada-lovelace-")
    assert file_name("Müller, Jörg").startswith("muller-jorg-")


def test_no_two_students_have_one_name_on_any_disk():
    names = [file_name(student).casefold() for student in {*IDS, *map(file_name, IDS)} - {""}]
    altered = [file_name(student) for student in IDS]
    assert len(set(names)) == len(names)
    assert len({name.casefold() for name in altered}) == len(set(IDS))
    assert file_name(file_name("Ada")) != file_name("Ada")


@given(ANYTHING)
def test_any_name_is_safe(student):
    name = file_name(student)
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-")
    assert 1 <= len(name) <= 64
    assert name[0] not in ".-"
    assert name[-1] not in ".-"


@catches("not atomic", "telling.files.put", write_through)
def test_what_was_there_stays_until_the_new_is_whole():
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        own = files.write_student(Path(folder), right(), TITLE)
        before = {path: path.read_bytes() for path in own.iterdir()}
        patch.setattr("os.replace", refuse)
        with pytest.raises(OSError, match="no space"):
            files.write_student(Path(folder), wrong("ada"), TITLE)
        assert {path: path.read_bytes() for path in own.iterdir()} == before


def refuse(*_):
    raise OSError("no space")


def test_writing_again_replaces_and_leaves_nothing_beside(tmp_path):
    for result in (right("ada"), wrong("ada"), wrong("ada")):
        own = files.write_student(tmp_path, result, TITLE)
    assert sorted(path.name for path in own.iterdir()) == ["page.html", "result.json"]
    assert "12 <small>" in (own / "page.html").read_text(encoding="utf-8")
