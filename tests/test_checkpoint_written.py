"""A checkpoint is never half written: where writing does not end well, the older file stays as it was."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from checkpoints import a_file, as_nobody, posix, run_folder
from planted import faults

from torch_ref.training.checkpoint import CheckpointError, load, save

catches, test_a_planted_fault_is_caught = faults("torch_ref.training.checkpoint")
ROOT = Path(__file__).parent.parent


@contextmanager
def full_disk():
    """A real disk of 64 KiB, mounted where this process alone looks in: through the process that mounted it."""
    if not shutil.which("unshare"):
        pytest.skip("this system has no unshare to mount a small disk with")
    with run_folder() as folder:
        mount = f'mount -t tmpfs -o size=64k none "{folder}" && echo mounted && cat'
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(["unshare", "-Urm", "sh", "-c", mount], text=True, **pipes) as process:
            if process.stdout.readline() != "mounted\n":
                pytest.skip("this system lets nobody mount a small disk")
            yield Path(f"/proc/{process.pid}/root{folder}")
            process.communicate()


@contextmanager
def limited_size():
    """The system writes the first 64 KiB of a file, and refuses the rest."""
    import resource  # noqa: PLC0415 - POSIX alone has it

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with run_folder() as folder:
        resource.setrlimit(resource.RLIMIT_FSIZE, (65536, hard))
        try:
            yield folder
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def in_place(path, data):
    path.write_bytes(data)


@catches("in place", "_write", in_place, disk=full_disk, words="No space")
@catches("in place", "_write", in_place, disk=limited_size, words="File too large")
@catches("left beside", "Path.unlink", lambda path: None, disk=limited_size, words="File too large")
@posix
@pytest.mark.parametrize(
    ("disk", "words"), [(full_disk, "No space left on device"), (limited_size, "File too large")], ids=["full", "limit"]
)
def test_where_there_is_no_room_the_older_file_stays(disk, words):
    with disk() as folder:
        path = a_file(folder)
        before = path.read_bytes()
        with pytest.raises(CheckpointError) as error:
            save(path, {"w": torch.ones(100_000)}, {})
        assert path.read_bytes() == before
        assert list(folder.iterdir()) == [path]
        assert load(path).facts["epoch"] == 3
    assert str(error.value).startswith(f"{path} cannot be written ({words}")
    assert str(error.value).endswith("): the older one there is untouched; make room or go elsewhere")


@posix
def test_where_there_was_no_room_and_no_older_file_nothing_is_left():
    with limited_size() as folder:
        with pytest.raises(CheckpointError, match=r"\(File too large\): none is there yet; make room"):
            save(folder / "a", {"w": torch.ones(100_000)}, {})
        assert list(folder.iterdir()) == []


@posix
def test_a_folder_that_may_not_be_written_is_named_and_the_older_file_stays():
    with run_folder() as folder:
        path = a_file(folder)
        before = path.read_bytes()
        folder.chmod(0o555)
        with as_nobody(), pytest.raises(CheckpointError, match=r"\(Permission denied\): the older one there is"):
            save(path, {}, {})
        assert path.read_bytes() == before
        assert list(folder.iterdir()) == [path]
        folder.chmod(0o755)


@pytest.mark.parametrize("where", ["no/such/folder/a", "file/a"])
def test_a_folder_that_is_not_there_is_named(tmp_path, where):
    (tmp_path / "file").touch()
    with pytest.raises(CheckpointError, match=rf"^{re.escape(str(tmp_path / where))} cannot be written \(.*none is"):
        save(tmp_path / where, {}, {})


@posix
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["a folder", "a pipe"])
def test_what_is_no_file_is_not_replaced(tmp_path, make):
    make(tmp_path / "a")
    mode = (tmp_path / "a").stat().st_mode
    with pytest.raises(CheckpointError, match="it is a folder or a device, expected a file"):
        save(tmp_path / "a", {}, {})
    assert (tmp_path / "a").stat().st_mode == mode
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


@catches("in place", "_write", lambda path, data: [in_place(path, data), os.replace(path, path)], at="os.replace")
@catches("left beside", "Path.unlink", lambda path: None, at="os.fsync")
@catches("left beside", "Path.unlink", lambda path: None, at="os.replace")
@pytest.mark.parametrize("at", ["os.fsync", "os.replace"])
def test_ctrl_c_in_the_middle_leaves_the_older_file_alone(at):
    def interrupt(*_):
        raise KeyboardInterrupt

    with run_folder() as folder, pytest.MonkeyPatch.context() as patch:
        path = a_file(folder)
        before = path.read_bytes()
        patch.setattr(f"torch_ref.training.checkpoint.{at}", interrupt)
        with pytest.raises(KeyboardInterrupt):
            save(path, {}, {})
        assert path.read_bytes() == before
        assert list(folder.iterdir()) == [path]


@catches("one name for all", "secrets.token_hex", lambda n: "0" * n)
def test_two_that_save_to_one_file_do_not_meet():
    sync, within = os.fsync, []

    def save_again(descriptor):
        sync(descriptor)
        if not within:
            within.append("begun")
            save(path, {}, {"who": "the one within"})
            within.append(load(path).facts["who"])

    with run_folder() as folder, pytest.MonkeyPatch.context() as patch:
        path = folder / "a"
        patch.setattr("torch_ref.training.checkpoint.os.fsync", save_again)
        try:
            save(path, {}, {"who": "the one around"})
        except CheckpointError as e:
            pytest.fail(str(e))
        assert within == ["begun", "the one within"]
        assert load(path).facts == {"who": "the one around"}
        assert list(folder.iterdir()) == [path]


@posix
def test_a_link_is_written_through(tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "last"
    link.symlink_to(tmp_path / "there" / "a")
    save(link, {}, {"epoch": 1})
    assert link.is_symlink()
    assert load(tmp_path / "there" / "a").facts == load(link).facts == {"epoch": 1}
    assert list((tmp_path / "there").iterdir()) == [tmp_path / "there" / "a"]


def test_others_may_read_it_as_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    assert a_file(tmp_path).stat().st_mode == (tmp_path / "plain").stat().st_mode


SAVER = """
import os, sys
from pathlib import Path
import torch
from torch_ref.training import checkpoint

def in_place(path, data):
    with path.open("wb") as file:
        for half in (data[:len(data) // 2], data[len(data) // 2:]):
            file.write(half)
            file.flush()
            os.fsync(file.fileno())

def save_on_and_on(path):
    n = 0
    while True:
        n += 1
        checkpoint.save(path, {"w": torch.full((20_000,), n)}, {"n": n})

torch.set_num_threads(1)
for line in sys.stdin:
    how, path = line.rstrip("\\n").split(" ", 1)
    child = os.fork()
    if child == 0:
        if how == "in-place":
            checkpoint._write = in_place
        save_on_and_on(Path(path))
    print(child, flush=True)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""


@pytest.fixture(scope="module")
def saver():
    """A process that forks one that saves, on each line that it is given: torch is loaded once."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", SAVER], cwd=ROOT, text=True, **pipes) as process:
        yield process
        process.stdin.close()


def kill_while_saving(saver, how, path, delay):
    """Let it save to path, and kill it so many seconds after the file is there."""
    saver.stdin.write(f"{how} {path}\n")
    saver.stdin.flush()
    child = int(saver.stdout.readline())
    while not path.exists():
        time.sleep(0.001)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    assert saver.stdout.readline() == "dead\n"


@posix
def test_killed_at_any_moment_the_file_is_one_that_was_written_in_full(saver, tmp_path):
    path, draw, versions = tmp_path / "a", random.Random(0), set()
    for _ in range(8):
        kill_while_saving(saver, "beside", path, draw.uniform(0, 0.06))
        found = load(path)
        assert found.tensors["w"].tolist() == [found.facts["n"]] * 20_000
        versions.add(found.facts["n"])
    assert len(versions) > 1, "none was killed after its first"


@posix
def test_killed_while_it_writes_in_place_the_file_is_lost(saver, tmp_path):
    """The fault planted for the test above: the same kills do find it."""
    path, draw = tmp_path / "a", random.Random(0)
    lost = 0
    for _ in range(20):
        kill_while_saving(saver, "in-place", path, draw.uniform(0, 0.06))
        try:
            load(path)
        except CheckpointError:
            lost += 1
            break
    assert lost > 0
