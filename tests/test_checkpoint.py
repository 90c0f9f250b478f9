"""A checkpoint comes back to the bit, and as a run expects it."""

from __future__ import annotations

import json
import re
from collections import OrderedDict

import numpy as np
import pytest
import torch
from checkpoints import FACTS, INFINITY, NAN, a_file, bits, run_folder
from planted import faults
from safetensors import safe_open

from torch_ref.training import checkpoint
from torch_ref.training.checkpoint import KEY, Checkpoint, CheckpointError, expect, load, save

catches, test_a_planted_fault_is_caught = faults("torch_ref.training.checkpoint")
LOADS = json.loads
no_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")


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
