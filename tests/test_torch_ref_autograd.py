"""One batched call gives what autograd gives step by step, and its probes read z, a and δ; checks reject faults."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from planted import faults

from scratch.backprop import Backprop
from scratch.cost import FULL
from scratch.layout import Layout
from scratch.network import Parameters, with_constant_input
from torch_ref import autograd
from torch_ref.network import SigmoidMLP
from torch_ref.trainer import Trainer

catches, test_a_planted_fault_is_caught = faults("torch_ref.autograd")
gradients, named, probed, vmap = autograd.gradients, autograd.named, autograd.probed, autograd.vmap
SIZES, K, M = (3, 4, 4, 2), 3, 5
no_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
devices = pytest.mark.parametrize("on", ["cpu", pytest.param("cuda", marks=[pytest.mark.gpu, no_cuda])])


def problem():
    """K networks, each with a mini-batch of its own."""
    rng = np.random.default_rng(0)
    networks = [Parameters.random(SIZES, rng) for _ in range(K)]
    return networks, rng.normal(size=(K, M, SIZES[0])), np.eye(SIZES[-1])[rng.integers(0, SIZES[-1], (K, M))]


def batched(scale=1.0, on="cpu"):
    """What one call gives for all K."""
    networks, x, y = problem()
    stacked = Parameters(SIZES, np.stack([network.vector for network in networks]))
    weights, biases, data = (
        [torch.tensor(a, device=on) for a in part] for part in (stacked.weights, stacked.biases, (x, y))
    )
    return autograd.gradients(
        SigmoidMLP(SIZES, device=on, dtype=torch.float64), weights, biases, *data, FULL.factor, scale
    )


def changed(**how):
    """gradients, with a change of what it returns under some names."""

    def wrong(*arguments):
        found = gradients(*arguments)
        return replace(found, **{name: change(getattr(found, name)) for name, change in how.items()})

    return wrong


def backwards(arrays):
    """Every array with its steps in reverse."""
    return [array.flip(0) for array in arrays]


@catches(
    "one network for all",
    "named",
    lambda net, w, b: {n: a[:1].expand_as(a) for n, a in named(net, w, b).items()},
    on="cpu",
)
@catches("the steps in reverse", "gradients", changed(nabla_w=backwards), on="cpu")
@catches("the sum over examples", "gradients", changed(nabla_b=lambda bs: [M * b for b in bs]), on="cpu")
@devices
def test_one_call_for_k_steps_gives_the_gradients_of_k_eager_steps(on):
    found, (networks, x, y) = batched(on=on), problem()
    for k, start in enumerate(networks):
        trainer = Trainer(start.weights, start.biases, eta=1.0, factor=FULL.factor, device=on)
        cost = trainer.step(torch.tensor(x[k], device=on), torch.tensor(y[k], device=on))
        nabla_w, nabla_b = trainer.read_gradients()
        assert found.cost[k].item() == pytest.approx(cost.item(), rel=1e-13)
        for one, of_all in zip([*nabla_w, *nabla_b], [*found.nabla_w, *found.nabla_b], strict=True):
            np.testing.assert_allclose(of_all[k].cpu().numpy(), one, rtol=1e-10, atol=1e-15)


@catches("delta over m", "gradients", changed(deltas=lambda deltas: [delta / M for delta in deltas]))
@catches("a in place of z", "gradients", changed(zs=lambda zs: [torch.sigmoid(z) for z in zs]))
@catches("z in place of a", "gradients", changed(activations=lambda a: [torch.logit(a_l) for a_l in a]))
@catches("nabla_a is delta", "gradients", changed(nabla_a=lambda nabla_a: nabla_a / 4))
@catches("probes on the layer below", "probed", lambda net, probes: probed(net, [*probes[1::-1], *probes[2:]]))
def test_the_probes_read_the_z_a_and_delta_that_scratch_has_by_its_equations():
    found, (networks, x, y) = batched(), problem()
    assert len(found.zs) == len(found.activations) == len(found.deltas) == len(SIZES) - 1
    for k, start in enumerate(networks):
        layout = Layout(SIZES)
        arrays = Backprop(start, start.copy(), FULL, layout, np.empty((layout.rows, M)))
        arrays.gradient(with_constant_input(x[k]), y[k].T, 1 / M)
        for l in range(3):
            np.testing.assert_allclose(found.zs[l][k].T, arrays.zs[l], rtol=1e-11, atol=1e-13)
            np.testing.assert_allclose(found.activations[l][k].T, arrays.activations[l], rtol=1e-11)
            np.testing.assert_allclose(found.deltas[l][k].T, arrays.deltas[l], rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(found.nabla_a[k].T, arrays.nabla_a, rtol=1e-11, atol=1e-13)


@catches(
    "everything scaled",
    "gradients",
    lambda *arguments: changed(deltas=lambda d: [arguments[-1] * d_l for d_l in d])(*arguments),
)
@catches("nothing scaled", "gradients", lambda *arguments: gradients(*arguments[:-1], 1.0))
def test_the_scale_is_on_the_gradients_alone():
    plain, scaled = batched(), batched(scale=0.3)
    for name in ("nabla_w", "nabla_b"):
        for one, other in zip(getattr(plain, name), getattr(scaled, name), strict=True):
            torch.testing.assert_close(other, 0.3 * one, rtol=1e-12, atol=0)
    for name in ("zs", "activations", "deltas", "nabla_a", "cost"):
        torch.testing.assert_close(getattr(scaled, name), getattr(plain, name), rtol=1e-12, atol=0)


def left_behind(net, probes):
    """probed, and a hook that stays."""
    net.register_forward_hook(lambda *_: None)
    return probed(net, probes)


@catches("a hook left behind", "probed", left_behind)
def test_the_module_that_is_probed_is_left_as_it_was():
    networks, x, y = problem()
    net = SigmoidMLP(SIZES, dtype=torch.float64)
    net.load_arrays(networks[0].weights, networks[0].biases)
    one = [[torch.tensor(a[None]) for a in part] for part in (networks[1].weights, networks[1].biases, (x[0], y[0]))]
    autograd.gradients(net, one[0], one[1], *one[2], FULL.factor)
    assert not any(module._forward_hooks for module in net.modules())
    assert all(parameter.grad is None for parameter in net.parameters())
    assert [w.tolist() for w in net.read_arrays()[0]] == [w.tolist() for w in networks[0].weights]
