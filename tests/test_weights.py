"""Parameters go from scratch to a file to torch and back with the same bits; so do those of a run's checkpoint."""

import numpy as np
import pytest
import torch
from tiny_runs import dataset

from scratch.network import Parameters
from torch_ref.network import SigmoidMLP
from torch_ref.training import state
from torch_ref.training.checkpoint import CheckpointError, save
from torch_ref.training.settings import Settings
from torch_ref.training.training import Training
from torch_ref.weights import load_arrays, save_arrays

SIZES = (6, 5, 4, 10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_from_scratch_to_a_file_to_torch_to_a_file_to_scratch(dtype, tmp_path):
    start = Parameters.random(SIZES, np.random.default_rng(0), dtype)
    save_arrays(tmp_path / "scratch", start.weights, start.biases)
    net = SigmoidMLP(SIZES, dtype=torch.from_numpy(start.vector).dtype)
    net.load_arrays(*load_arrays(tmp_path / "scratch"))
    save_arrays(tmp_path / "torch", *net.read_arrays())
    end = Parameters.of(*load_arrays(tmp_path / "torch"))
    assert end.vector.dtype == dtype
    assert np.array_equal(end.vector, start.vector)


def training():
    return Training(Settings(hidden=(5, 4), replicas=3, dtype="float64"), dataset(20), torch.device("cpu"))


def test_each_network_of_a_run_can_be_had_as_arrays(tmp_path):
    run, path = training(), tmp_path / "run"
    save(path, state.tensors(run), state.facts(run))
    outputs = run.net(run.training.x.expand(3, -1, -1)).detach().numpy()
    for r in range(3):
        a = activations(*load_arrays(path, r), run.training.x.numpy())
        assert np.allclose(a, outputs[r], rtol=1e-12, atol=0)
        assert not np.allclose(a, outputs[r - 1], rtol=1e-3, atol=0)


def activations(weights, biases, a):
    for w, b in zip(weights, biases, strict=True):
        a = 1 / (1 + np.exp(-(a @ w.T + b)))
    return a


@pytest.mark.parametrize("network", [-1, 3])
def test_a_network_that_is_not_there_is_one_sentence(network, tmp_path):
    run, path = training(), tmp_path / "run"
    save(path, state.parameters(run.net), {})
    with pytest.raises(CheckpointError, match=f"has 3 networks, and number {network} was asked for"):
        load_arrays(path, network)


def test_a_file_without_weights_is_one_sentence(tmp_path):
    save(tmp_path / "empty", {}, {})
    with pytest.raises(CheckpointError, match="has 0 networks"):
        load_arrays(tmp_path / "empty")
