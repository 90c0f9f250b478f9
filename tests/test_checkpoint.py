"""A checkpoint comes back to the bit, is refused when anything is wrong with it, and is never half written."""

from __future__ import annotations

import json
import os
import pickle
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import OrderedDict
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch
from planted import faults
from safetensors import safe_open
from safetensors.torch import save as to_bytes

from torch_ref.training import checkpoint
from torch_ref.training.checkpoint import KEY, VERSION, WAY_OUT, Checkpoint, CheckpointError, expect, load, save

catches, test_a_planted_fault_is_caught = faults("torch_ref.training.checkpoint")
ROOT = Path(__file__).parent.parent
NAN, INFINITY, LOADS = float("nan"), float("inf"), json.loads
FACTS = {"epoch": 3, "η": 0.1, "none": None, "yes": True, "costs": [0.5, -0.0, 1e-320, NAN, INFINITY, -INFINITY]}
posix = pytest.mark.skipif(os.name != "posix", reason="this system has no such signals, limits or permissions")
no_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")


@contextmanager
def run_folder():
    """An empty folder, gone afterwards."""
    with TemporaryDirectory() as name:
        yield Path(name)


def a_file(folder, facts=FACTS):
    """A small checkpoint of three tensors."""
    path = folder / "last.safetensors"
    save(path, {"w": torch.arange(6.0).reshape(2, 3), "b": torch.tensor([True, False]), "n": torch.tensor(7)}, facts)
    return path


def bits(tensor):
    return tensor.dtype, tuple(tensor.shape), tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).tolist()


# What goes in comes back

KINDS = {
    "float32": torch.tensor([1.5, -0.0, 1e-45, NAN, INFINITY]),
    "float64": torch.linspace(-1, 1, 7, dtype=torch.float64),
    "bits of a NaN": torch.tensor([0x7FF0_0000_0000_0001, -1]).view(torch.float64),
    "float16": torch.tensor([0.1], dtype=torch.float16),
    "bfloat16": torch.tensor([0.1], dtype=torch.bfloat16),
    "int64": torch.tensor([-(2**63), 2**63 - 1]),
    "uint8": torch.arange(256).to(torch.uint8),
    "bool": torch.tensor([[True, False, True]]),
    "no dimension": torch.tensor(0.1, dtype=torch.float64),
    "empty": torch.zeros(0, 3),
    "transposed": torch.arange(6.0).reshape(2, 3).T,
    "every second": torch.arange(10)[::2],
    "expanded": torch.tensor([1.0]).expand(4),
    "a parameter": torch.nn.Parameter(torch.ones(2)),
    "negated when read": torch.tensor([1 + 2j, 3 + 4j]).conj().imag,
}


@catches("always float32", "_copy", lambda tensor: tensor.detach().float(), kind="float64")
@catches("no empty dimension", "_copy", lambda tensor: tensor.detach().reshape(-1), kind="empty")
@catches("0 in place of NaN", "_copy", lambda tensor: tensor.detach().nan_to_num(), kind="bits of a NaN")
@pytest.mark.parametrize("kind", KINDS)
def test_a_tensor_comes_back_to_the_bit(kind):
    with run_folder() as folder:
        save(folder / "a", {kind: KINDS[kind]}, {})
        (found,) = load(folder / "a").tensors.items()
    assert found[0] == kind
    assert bits(found[1]) == bits(KINDS[kind])


@pytest.mark.gpu
@no_cuda
def test_tensors_of_a_gpu_come_back_to_the_bit_on_the_cpu(tmp_path):
    save(tmp_path / "a", {kind: tensor.to("cuda") for kind, tensor in KINDS.items()}, {})
    found = load(tmp_path / "a").tensors
    assert {kind: bits(tensor) for kind, tensor in found.items()} == {kind: bits(KINDS[kind]) for kind in KINDS}
    assert {tensor.device.type for tensor in found.values()} == {"cpu"}


def test_tensors_that_share_memory_come_back_apart(tmp_path):
    w = torch.arange(6.0)
    given = {"w": w, "again": w, "view": w.view(2, 3), "part": w[2:4]}
    save(tmp_path / "a", given, {})
    found = load(tmp_path / "a").tensors
    assert {name: bits(tensor) for name, tensor in found.items()} == {name: bits(given[name]) for name in given}
    assert len({tensor.untyped_storage().data_ptr() for tensor in found.values()}) == len(given)


@catches("no copy", "torch.Tensor.clone", lambda tensor, **_: tensor.contiguous())
def test_what_was_loaded_stays_when_the_file_changes():
    with run_folder() as folder:
        path = a_file(folder)
        found = load(path).tensors["w"]
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
        assert found.flatten().tolist() == [0, 1, 2, 3, 4, 5]


@catches("no NaN", "json.loads", lambda text: LOADS(text, parse_constant=lambda _: None), facts=FACTS)
@pytest.mark.parametrize(
    "facts",
    [{}, FACTS, {"a": {"b": [[], {}, ""]}}, {"random": 2**128 + 1}, OrderedDict(z=1, a=2), {"": "\ud800 \0 \n é 𝛔"}],
    ids=["none", "every kind", "nested", "128 bits", "in this order", "characters"],
)
def test_facts_come_back(facts):
    with run_folder() as folder:
        found = load(a_file(folder, facts)).facts
    assert repr(found) == repr(dict(facts))  # NaN is not equal to itself


def test_no_tensor_at_all_is_a_checkpoint(tmp_path):
    save(tmp_path / "a", {}, {"epoch": 0})
    assert load(tmp_path / "a") == Checkpoint({}, {"epoch": 0})


def test_the_same_state_is_the_same_file(tmp_path):
    first = a_file(tmp_path).read_bytes()
    assert a_file(tmp_path).read_bytes() == first


def test_safetensors_alone_can_read_it(tmp_path):
    with safe_open(a_file(tmp_path), "np") as file:
        np.testing.assert_array_equal(file.get_tensor("w"), [[0, 1, 2], [3, 4, 5]])
        assert json.loads(file.metadata()[KEY])["facts"]["epoch"] == 3


CIRCULAR = []
CIRCULAR.append(CIRCULAR)


@pytest.mark.parametrize(
    ("tensors", "facts", "words"),
    [
        ({}, {"seed": np.int64(3)}, "int64 is not JSON serializable"),
        ({}, {"sizes": {3}}, "set is not JSON serializable"),
        ({}, {"me": CIRCULAR}, "Circular reference"),
        ({"w": torch.zeros(1, dtype=torch.complex128)}, {}, "torch.complex128"),
        ({"__metadata__": torch.zeros(1)}, {}, "no tensor can be called __metadata__"),
    ],
    ids=["a number of NumPy", "a set", "a circle", "complex128", "a name that safetensors uses"],
)
def test_what_the_file_cannot_hold_is_refused_and_the_older_file_stays(tmp_path, tensors, facts, words):
    path = a_file(tmp_path)
    before = path.read_bytes()
    with pytest.raises(
        CheckpointError, match=rf"^{re.escape(str(path))} cannot be written \(.*{words}.*\): convert it"
    ):
        save(path, tensors, facts)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


# Files that are no checkpoint. Each edit is given the path of a good one.


def content(edit):
    return lambda path: path.write_bytes(edit(path.read_bytes()))


def header(size):
    return content(lambda data: size.to_bytes(8, "little") + data[8:])


def metadata(edit):
    """Write the metadata's one entry anew: edit is given the record and returns the text."""

    def damage(path):
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - it is no dict
            record = json.loads(file.metadata()[KEY])
        path.write_bytes(to_bytes(tensors, {KEY: edit(record)}))

    return damage


def record(**changes):
    return metadata(lambda record: json.dumps({**record, **changes}))


def without(key):
    return metadata(lambda record: json.dumps({k: v for k, v in record.items() if k != key}))


def folder_there(path):
    path.unlink()
    path.mkdir()


class Trap:
    """Unpickled, it leaves a folder."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (f"{self.path}.sprung",)


def torch_file(path):
    torch.save({"w": torch.ones(2), "trap": Trap(path)}, path)


def old_torch_file(path):
    torch.save({"w": torch.ones(2), "trap": Trap(path)}, path, _use_new_zipfile_serialization=False)


PIECE, FOREIGN = "is no checkpoint of backproof, or not the whole of one (", "a safetensors file, but no checkpoint of"
CHANGED = "was changed after it was written, its digest is another"
BROKEN = {
    "missing": (Path.unlink, "cannot be read (No such file or directory)"),
    "a folder": (folder_there, "cannot be read (it is a folder or a device, expected a file)"),
    "empty": (content(lambda _: b""), PIECE),
    "garbage": (content(lambda data: random.Random(0).randbytes(len(data))), PIECE),
    "text": (content(lambda _: b"epoch,cost\n1,0.5\n" * 20), PIECE),
    "a byte more": (content(lambda data: data + b"\0"), PIECE),
    "a header of 2^64 bytes": (header(2**64 - 1), PIECE),
    "a header of 99 MB": (header(99_000_000), PIECE),
    "a header of no byte": (header(0), PIECE),
    "a header that is a byte short": (content(lambda data: bytes([data[0] - 1]) + data[1:]), PIECE),
    "torch.save": (torch_file, PIECE),
    "torch.save before 1.6": (old_torch_file, PIECE),
    "a pickle": (lambda path: path.write_bytes(pickle.dumps(Trap(path))), PIECE),
    "another's safetensors": (lambda path: path.write_bytes(to_bytes({"w": torch.ones(2)})), FOREIGN),
    "another's metadata": (lambda path: path.write_bytes(to_bytes({}, {"format": "pt"})), FOREIGN),
    "metadata that are no JSON": (metadata(lambda _: "{'version': 1}"), FOREIGN),
    "metadata without end": (metadata(lambda _: "[" * 100_000), FOREIGN),
    "metadata that are a list": (metadata(lambda record: json.dumps([record])), FOREIGN),
    "metadata that are null": (metadata(lambda _: "null"), FOREIGN),
    "no version": (without("version"), FOREIGN),
    "a version in words": (record(version="1"), FOREIGN),
    "no digest": (without("digest"), FOREIGN),
    "no facts": (without("facts"), FOREIGN),
    "facts that are a list": (record(facts=[]), FOREIGN),
    "another shape": (content(lambda data: data.replace(b"[2,3]", b"[3,2]")), CHANGED),
    "another type": (content(lambda data: data.replace(b'"F32"', b'"I32"')), CHANGED),
    "another name": (content(lambda data: data.replace(b'"w":', b'"v":')), CHANGED),
    "other facts": (record(facts={"epoch": 4}), CHANGED),
}


@pytest.mark.parametrize(("damage", "words"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_no_checkpoint_is_refused_in_one_sentence(tmp_path, damage, words):
    path = a_file(tmp_path)
    damage(path)
    with pytest.raises(CheckpointError) as error:
        load(path)
    assert str(error.value).startswith(str(path))
    assert words in str(error.value)
    assert str(error.value).endswith(WAY_OUT)
    assert "\n" not in str(error.value)
    assert not Path(f"{path}.sprung").exists(), "a pickle was opened"


@posix
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a")
    with pytest.raises(CheckpointError, match="it is a folder or a device, expected a file"):
        load(tmp_path / "a")


@pytest.mark.parametrize("spring", [torch_file, old_torch_file])
def test_the_trap_in_the_pickles_would_spring(tmp_path, spring):
    spring(tmp_path / "a")
    torch.load(tmp_path / "a", weights_only=False)
    assert (tmp_path / "a.sprung").exists()


@catches("the version not looked at", "_record", lambda _, found: json.loads(found[KEY]), version=2, words="newer")
@pytest.mark.parametrize(
    ("version", "words"),
    [
        (2, "a newer version of backproof (format 2; this one reads 1): update backproof, or start without --resume"),
        (0, "an older version of backproof (format 0; this one reads 1): start without --resume"),
    ],
)
def test_another_version_is_refused_by_its_number(version, words):
    with run_folder() as folder:
        path = a_file(folder)
        record(version=VERSION)(path)
        load(path)  # written anew, and nothing else changed
        record(version=version)(path)
        with pytest.raises(CheckpointError, match=rf"^{re.escape(str(path))} was written by .*{re.escape(words)}"):
            load(path)


def test_a_newer_version_is_named_whatever_else_it_holds(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(to_bytes({"w": torch.ones(1)}, {KEY: '{"version": 3}'}))
    with pytest.raises(CheckpointError, match="was written by a newer version of backproof"):
        load(path)


def cut_points(n):
    """Twelve lengths below n: none, the ends of the header, and between."""
    return [0, 1, 7, 8, 9, n // 4, n // 2, n - 34, n - 33, n - 9, n - 2, n - 1]


@pytest.mark.parametrize("cut", range(12))
def test_a_truncated_file_never_loads(tmp_path, cut):
    path = a_file(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: cut_points(len(data))[cut]])
    with pytest.raises(CheckpointError, match="no checkpoint of backproof, or not the whole of one"):
        load(path)


@catches("no digest", "_digest", lambda *_: "")
def test_no_flipped_bit_changes_what_is_loaded():
    """Space between entries may become other space, and True of 1 True of 3: these load, as what was written."""
    with run_folder() as folder:
        path = a_file(folder)
        whole, data = load(path), path.read_bytes()
        as_written = {name: bits(tensor) for name, tensor in whole.tensors.items()}
        refused = 0
        for i in range(len(data)):
            path.write_bytes(data[:i] + bytes([data[i] ^ 1 << i % 8]) + data[i + 1 :])
            try:
                found = load(path)
            except CheckpointError:
                refused += 1
                continue
            assert {name: bits(tensor) for name, tensor in found.tensors.items()} == as_written
            assert repr(found.facts) == repr(whole.facts)
    assert refused > 0.98 * len(data)


@contextmanager
def as_nobody():
    """Without the rights of root, for whom all can be read and written."""
    if os.geteuid() != 0:
        yield
        return
    try:
        os.seteuid(65534)
    except OSError:
        pytest.skip("this is root, and it may not give up its rights: nothing is forbidden to it")
    try:
        yield
    finally:
        os.seteuid(0)


@posix
def test_a_file_that_may_not_be_read_is_named(tmp_path):
    path = a_file(tmp_path)
    path.chmod(0)
    with as_nobody(), pytest.raises(CheckpointError, match=r"cannot be read \(Permission denied\): --resume takes"):
        load(path)


# What a run expects


@catches("nothing is expected", "expect", lambda *_: None, shapes={"w": (2, 3), "b": (2,)}, words="")
@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ({"b": (2,), "w": (3, 2), "n": ()}, "'w': got the shape (2, 3), expected the shape (3, 2)"),
        ({"w": (2, 3), "b": (2, 1), "n": ()}, "'b': got the shape (2,), expected the shape (2, 1)"),
        ({"w": (2, 3), "b": (2,), "n": (1,)}, "'n': got the shape (), expected the shape (1,)"),
        ({"w": (2, 3), "v": (4,), "b": (1,), "n": ()}, "'v': got none of this name, expected the shape (4,)"),
        ({"w": (2, 3), "b": (2,)}, "'n': got the shape (), expected none of this name"),
    ],
    ids=["transposed", "a dimension more", "no dimension", "missing", "superfluous"],
)
def test_the_first_tensor_that_does_not_fit_is_named(shapes, words):
    with run_folder() as folder:
        path = a_file(folder)
        with pytest.raises(CheckpointError) as error:
            checkpoint.expect(load(path), path, shapes)
    assert str(error.value).startswith(f"{path}: tensor {words}")
    assert str(error.value).endswith("; --hidden must be the same as in the run that wrote it")


def test_tensors_of_the_expected_names_and_shapes_pass(tmp_path):
    expect(load(a_file(tmp_path)), tmp_path, {"n": (), "b": (2,), "w": (2, 3)})


# Writing that does not end well: the older file stays as it was, and nothing lies beside it


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


# Killed

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
