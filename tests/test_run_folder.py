"""Every run gets a folder of its own, or one sentence that says why not."""

from __future__ import annotations

import errno
import inspect
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from torch_ref.folder import LogError, new_run_folder


def looks_first(folder):
    """A fault: it looks whether the folder is there, and makes it a little later."""
    if there := folder.exists():
        return not there
    time.sleep(0.01)
    folder.mkdir(exist_ok=True)
    return True


RACE = """
import sys, time
from pathlib import Path
from torch_ref.folder import new_run_folder
while not Path(sys.argv[1], "go").exists():
    time.sleep(0.001)
for _ in range(10):
    print(new_run_folder(Path(sys.argv[1], "runs"), "name"))
"""
PLANTED = f"import time\nimport torch_ref.folder as f\n{inspect.getsource(looks_first)}\nf._made = looks_first\n"


def raced(tmp_path, planted=""):
    """The folders that four processes got, which all asked for ten of the same name."""
    command = [sys.executable, "-c", planted + RACE, str(tmp_path)]
    racers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    (tmp_path / "go").touch()
    return [line for racer in racers for line in racer.communicate(timeout=60)[0].splitlines()]


def test_processes_that_ask_at_once_get_different_folders(tmp_path):
    folders = raced(tmp_path)
    assert len(folders) == len(set(folders)) == 40
    assert set(folders) == {str(path) for path in (tmp_path / "runs").iterdir()}


def test_a_process_that_looks_before_it_makes_the_folder_loses_that_race(tmp_path):
    folders = raced(tmp_path, PLANTED)
    assert len(folders) == 40
    assert len(set(folders)) < 40


def test_a_run_never_gets_an_older_ones_folder(tmp_path):
    logdir = tmp_path / "not" / "yet"
    first = new_run_folder(logdir, "784-30-10_m10")
    (first / "kept").write_text("old")
    (logdir / "784-30-10_m10_3").write_text("a file")
    names = [new_run_folder(logdir, "784-30-10_m10").name for _ in range(2)]
    assert names == ["784-30-10_m10_2", "784-30-10_m10_4"]
    assert [path.name for path in first.iterdir()] == ["kept"]
    assert (logdir / "784-30-10_m10_3").read_text() == "a file"


@pytest.mark.parametrize("name", ["a/b", "/a", "..", ".", "", "a/", "a\0b"])
def test_a_name_that_is_no_folders_name_is_rejected(tmp_path, name):
    with pytest.raises(LogError) as caught:
        new_run_folder(tmp_path, name)
    assert str(caught.value) == (
        f"{name!r} cannot name the folder of a run; a name without a slash was expected: "
        "say with --logdir where the folder goes"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", [".", "below", "below/it"])
def test_a_file_in_the_way_is_told_in_one_sentence(tmp_path, below):
    (tmp_path / "runs").write_text("")
    logdir = tmp_path / "runs" / below
    with pytest.raises(LogError) as caught:
        new_run_folder(logdir, "name")
    assert str(caught.value) == (
        f"--logdir is {str(logdir)!r}, where no folder for the run can be made (a file is in the way); "
        "give with --logdir a folder that can be written to"
    )


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc on this system, where nobody can make a folder")
def test_a_folder_that_cannot_be_written_to_is_told_in_one_sentence():
    with pytest.raises(LogError, match="--logdir is '/proc/runs', where no folder for the run can be made"):
        new_run_folder(Path("/proc/runs"), "name")


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.ENAMETOOLONG], ids=os.strerror)
def test_what_the_system_says_is_in_the_sentence(tmp_path, monkeypatch, error):
    def mkdir(*path, **options):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(Path, "mkdir", mkdir)
    with pytest.raises(LogError, match=os.strerror(error)):
        new_run_folder(tmp_path, "name")
