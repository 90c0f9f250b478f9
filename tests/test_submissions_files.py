"""What lies on the disk is read if it is a plain file, and no further than its limit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from handed_in import (
    PROGRAM,
    a_folder,
    handed_in,
)
from planted import faults

from compare.grade.finding import entries
from compare.grade.finding.submissions import find
from compare.grade.submitted import Submitted

catches, test_a_planted_fault_is_caught = faults("compare.grade.finding")


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
