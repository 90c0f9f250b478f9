"""A file that is no checkpoint, or one that was damaged, is refused in one sentence."""

from __future__ import annotations

import json
import os
import pickle
import random
import re
from pathlib import Path

import pytest
import torch
from checkpoints import a_file, as_nobody, bits, posix, run_folder
from planted import faults
from safetensors import safe_open
from safetensors.torch import save as to_bytes

from torch_ref.training.checkpoint import KEY, VERSION, WAY_OUT, CheckpointError, load

catches, test_a_planted_fault_is_caught = faults("torch_ref.training.checkpoint")


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


@posix
def test_a_file_that_may_not_be_read_is_named(tmp_path):
    path = a_file(tmp_path)
    path.chmod(0)
    with as_nobody(), pytest.raises(CheckpointError, match=r"cannot be read \(Permission denied\): --resume takes"):
        load(path)
