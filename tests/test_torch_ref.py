"""The torch network is the one of the arrays that it is given, and shares no memory with them; checks reject faults."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from planted import faults

from scratch.network import Parameters
from torch_ref import device, network

catches, test_a_planted_fault_is_caught = faults("torch_ref")
load, read, quadratic_cost = network.SigmoidMLP.load_arrays, network.SigmoidMLP.read_arrays, network.quadratic_cost
no_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
devices = pytest.mark.parametrize("on", ["cpu", pytest.param("cuda", marks=[pytest.mark.gpu, no_cuda])])
dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])


def arrays(dtype=np.float64):
    """Weights and biases of a network 3-3-4-2."""
    parameters = Parameters.random((3, 3, 4, 2), np.random.default_rng(0), dtype)
    return [w.copy() for w in parameters.weights], [b.copy() for b in parameters.biases]


def net_of(weights, biases, on="cpu"):
    """The torch network 3-3-4-2 with those parameters."""
    net = network.SigmoidMLP((3, 3, 4, 2), device=on, dtype=torch.from_numpy(biases[0]).dtype)
    net.load_arrays(weights, biases)
    return net


def adopt(net, weights, biases):
    """load_arrays with the arrays' own memory."""
    for layer, w, b in zip(net.layers, weights, biases, strict=True):
        layer.weight.data, layer.bias.data = torch.from_numpy(w), torch.from_numpy(b)


def bits(weights, biases):
    """All that there is to say of such arrays."""
    return [(array.dtype, array.shape, array.tobytes()) for array in (*weights, *biases)]


@catches("transposed", "network.to_array", lambda t: t.detach().numpy().copy().T, dtype=np.float64, on="cpu")
@catches("float32 out", "network.to_array", lambda t: t.detach().float().numpy(), dtype=np.float64, on="cpu")
@catches(
    "biases left out",
    "network.SigmoidMLP.load_arrays",
    lambda net, w, b: load(net, w, [0 * b_l for b_l in b]),
    dtype=np.float32,
    on="cpu",
)
@devices
@dtypes
def test_what_is_loaded_is_read_again_bit_by_bit(dtype, on):
    weights, biases = arrays(dtype)
    by_columns = [np.asfortranarray(w) for w in weights]
    assert bits(*net_of(weights, biases, on).read_arrays()) == bits(weights, biases)
    assert bits(*net_of(by_columns, biases, on).read_arrays()) == bits(weights, biases)


@catches("no copy in", "network.SigmoidMLP.load_arrays", adopt)
@catches("no copy out", "network.to_array", lambda tensor: tensor.detach().numpy())
def test_neither_side_sees_what_the_other_edits():
    given = arrays()
    net = net_of(*given)
    for array in (*given[0], *given[1]):
        array[...] += 1
    first = net.read_arrays()
    assert bits(*first) == bits(*arrays())
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(1)
    assert bits(*first) == bits(*arrays())


@catches(
    "no look at the shapes",
    "network.SigmoidMLP.load_arrays",
    lambda net, w, b: None,
    wrong=lambda w, b: (w[::-1], b),
    words="shape",
)
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        pytest.param(
            lambda w, b: ([w_l.T for w_l in w], b), r"shape \(4, 3\) was given weights \(3, 4\)", id="transposed"
        ),
        pytest.param(lambda w, b: (w, [b_l[:1] for b_l in b]), r"biases \(1,\)", id="one bias for all"),
        pytest.param(lambda w, b: (w, [b_l[:, None] for b_l in b]), r"biases \(3, 1\)", id="biases in a column"),
        pytest.param(lambda w, b: (w[:2], b[:2]), "shorter", id="a layer too few"),
    ],
)
def test_arrays_of_another_shape_are_refused(wrong, words):
    net = network.SigmoidMLP((3, 3, 4, 2), dtype=torch.float64)
    with pytest.raises(ValueError, match=words):
        net.load_arrays(*wrong(*arrays()))


@catches("linear", "network.torch.sigmoid", lambda z: z, on="cpu")
@catches("tanh", "network.torch.sigmoid", torch.tanh, on="cpu")
@devices
def test_every_layer_is_linear_under_a_sigmoid(on):
    weights, biases = arrays()
    a = np.random.default_rng(1).normal(size=(5, 3))
    found = net_of(weights, biases, on)(torch.tensor(a, device=on))
    for w, b in zip(weights, biases, strict=True):
        a = 1 / (1 + np.exp(-(a @ w.T + b)))
    np.testing.assert_allclose(network.to_array(found), a, rtol=1e-13)


@catches("torch's own mean", "network.quadratic_cost", lambda a, y, _: torch.nn.functional.mse_loss(a, y))
@catches("no factor", "network.quadratic_cost", lambda a, y, _: quadratic_cost(a, y, 1.0))
@catches("the sum over examples", "network.quadratic_cost", lambda a, y, factor: quadratic_cost(a, y, factor) * len(a))
def test_the_cost_of_two_examples_is_what_a_hand_computes():
    """‖y − a‖² is 1/8 for the first example and 1/4 for the second: their mean is 3/16."""
    a, y = torch.tensor([[0.75, 0.25], [0.5, 1.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert [network.quadratic_cost(a, y, factor).item() for factor in (1.0, 2.0)] == [3 / 32, 3 / 16]


@catches("any name taken", "device.torch.zeros", lambda *_, **__: torch.ones(1), name="cuda:99")
@catches("what the machine has left out", "device.available", lambda: "it has none", name="cuda:99")
@pytest.mark.parametrize("name", ["cuda:99", "hpu", "meta", "a toaster", "", "cpu:7"])
def test_a_device_that_cannot_compute_here_is_an_error_that_names_it_and_what_there_is(name):
    with pytest.raises(device.DeviceError, match=f"device '{name}' is not on this machine; it has cpu"):
        device.pick_device(name)


@catches("the host alone", "device.available", lambda: "it has cpu")
def test_every_device_that_the_machine_has_is_listed():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.cuda, "device_count", lambda: 2)
        patch.setattr(torch.backends.mps, "is_available", lambda: True)
        assert device.available() == "it has cpu, cuda:0, cuda:1, mps"


@catches("another device", "device.pick_device", lambda name, dtype: torch.device("mps"), on="cpu")
@devices
def test_a_device_that_is_there_is_picked(on):
    assert device.pick_device(on, torch.float64).type == on


@catches("never set", "device.use_tf32", lambda enabled: None)
def test_tf32_is_used_only_where_it_is_asked_for():
    before = torch.get_float32_matmul_precision()
    try:
        for enabled, expected in ((True, "high"), (False, "highest")):
            device.use_tf32(enabled)
            assert torch.get_float32_matmul_precision() == expected
    finally:
        torch.set_float32_matmul_precision(before)


@pytest.mark.gpu
@no_cuda
@pytest.mark.parametrize("enabled", [False, True], ids=["float32", "TF32"])
def test_a_product_on_cuda_loses_the_digits_of_tf32_only_where_it_is_asked_for(enabled):
    """512 terms of size 1: float32 is good to about 1e-5, factors of ten bits to about 1e-2."""
    if torch.cuda.get_device_capability() < (8, 0):
        pytest.skip("this CUDA device is older than TF32")
    before, a = torch.get_float32_matmul_precision(), np.random.default_rng(0).normal(size=(512, 512))
    try:
        device.use_tf32(enabled)
        product = torch.tensor(a, dtype=torch.float32, device="cuda") @ torch.tensor(
            a, dtype=torch.float32, device="cuda"
        )
        lost = np.abs(network.to_array(product) - a.astype(np.float32).astype(np.float64) @ a.astype(np.float32)).max()
    finally:
        torch.set_float32_matmul_precision(before)
    assert (lost > 1e-3) == enabled
