"""The reference stays on its device: on ``meta``, which refuses tensors of any other, a whole step leaves nothing out.

A device's arithmetic is shown where there is one (tests marked gpu); that no tensor is made elsewhere is shown here.
"""

import numpy as np
import pytest
import torch
from planted import faults

from scratch.network import Parameters
from torch_ref import autograd, trainer

catches, test_a_planted_fault_is_caught = faults("torch_ref")

START = Parameters.random((4, 3, 2), np.random.default_rng(0))
META = torch.device("meta")
ON_CPU = trainer.SigmoidMLP


def new_trainer():
    return trainer.Trainer(START.weights, START.biases, eta=1.0, factor=1.0, device=META)


def empty(*shape):
    return torch.empty(*shape, dtype=torch.float64, device=META)


def fails_elsewhere(check):
    """Run it; a tensor of another device is an error of torch's, and here a failure."""
    try:
        check()
    except RuntimeError as e:
        pytest.fail(str(e))


@catches("a cost on the CPU", "trainer.quadratic_cost", lambda a, y, factor: (a - y + torch.ones(5, 2)).sum())
@catches("parameters on the CPU", "trainer.SigmoidMLP", lambda *sizes, device, dtype: ON_CPU(*sizes, dtype=dtype))
def test_a_training_step_stays_on_its_device():
    def step():
        side = new_trainer()
        assert side.step(empty(5, 4), empty(5, 2)).device == META
        assert {p.device for p in side.net.parameters()} == {META}
        assert {p.grad.device for p in side.net.parameters()} == {META}

    fails_elsewhere(step)


@catches("a cost on the CPU", "autograd.quadratic_cost", lambda a, y, factor: (a - y + torch.ones(5, 2)).sum(), K=1)
@pytest.mark.parametrize("K", [1, 3])
def test_what_autograd_shows_stays_on_its_device(K):
    def differentiate():
        weights, biases = [empty(K, 3, 4), empty(K, 2, 3)], [empty(K, 3), empty(K, 2)]
        shown = autograd.gradients(new_trainer().net, weights, biases, empty(K, 5, 4), empty(K, 5, 2), 1.0)
        lists = (shown.zs, shown.activations, shown.deltas, shown.nabla_w, shown.nabla_b)
        assert {tensor.device for tensors in lists for tensor in tensors} == {META}
        assert (shown.cost.device, shown.nabla_a.device) == (META, META)

    fails_elsewhere(differentiate)
