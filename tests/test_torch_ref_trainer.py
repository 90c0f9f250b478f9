"""The reference's own training steps are w − η∇C, and its gradients can be read; checks reject planted faults."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from planted import faults

from compare.witness import whole_gradient
from scratch.network import Parameters
from torch_ref import trainer
from torch_ref.network import quadratic_cost

catches, test_a_planted_fault_is_caught = faults("torch_ref.trainer")
init, step, read_gradients = trainer.Trainer.__init__, trainer.Trainer.step, trainer.Trainer.read_gradients
SGD, MLP = torch.optim.SGD, trainer.SigmoidMLP
START, ETA = Parameters.random((3, 3, 4, 2), np.random.default_rng(0)), 0.75
no_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
devices = pytest.mark.parametrize("on", ["cpu", pytest.param("cuda", marks=[pytest.mark.gpu, no_cuda])])
factors = pytest.mark.parametrize("factor", [1.0, 2.0], ids=["half", "full"])


def new_trainer(factor, on="cpu", dtype=np.float64):
    """A network 3-3-4-2 in training."""
    start = Parameters(START.sizes, START.vector.astype(dtype))
    return trainer.Trainer(start.weights, start.biases, eta=ETA, factor=factor, device=on)


def mini_batch():
    rng = np.random.default_rng(1)
    return rng.normal(size=(5, 3)), np.eye(2)[rng.integers(0, 2, 5)]


def tensors(*arrays, on="cpu"):
    return [torch.tensor(array, device=on) for array in arrays]


def vector(weights, biases):
    return Parameters.of(weights, biases).vector


@catches("up the gradient", "quadratic_cost", lambda a, y, factor: -quadratic_cost(a, y, factor), factor=1.0, on="cpu")
@catches("momentum", "torch.optim.SGD", lambda w, lr: SGD(w, lr=lr, momentum=0.5), factor=1.0, on="cpu")
@catches("gradients added up", "torch.optim.SGD.zero_grad", lambda optimizer: None, factor=1.0, on="cpu")
@catches("no factor", "quadratic_cost", lambda a, y, factor: quadratic_cost(a, y, 1.0), factor=2.0, on="cpu")
@devices
@factors
def test_every_step_is_w_minus_eta_nabla(factor, on):
    training, (x, y) = new_trainer(factor, on), mini_batch()
    for _ in range(3):
        before = training.net.read_arrays()
        training.step(*tensors(x, y, on=on))
        expected = vector(*before) - ETA * vector(*whole_gradient(*before, x, y, factor))
        np.testing.assert_allclose(vector(*training.net.read_arrays()), expected, rtol=1e-12, atol=1e-14)


@catches("the cost after", "Trainer.step", lambda t, x, y: [step(t, x, y), quadratic_cost(t.net(x), y, t.factor)][1])
def test_a_step_returns_the_cost_before_it():
    training, (x, y) = new_trainer(1.0), mini_batch()
    a = training.net(torch.tensor(x)).detach().numpy()
    cost = training.step(*tensors(x, y))
    assert cost.item() == pytest.approx(np.square(a - y).sum() / 2 / 5, rel=1e-12)
    assert not cost.requires_grad


@catches(
    "eta times the gradient",
    "Trainer.read_gradients",
    lambda t: [[ETA * g for g in part] for part in read_gradients(t)],
)
@catches("weights and biases exchanged", "Trainer.read_gradients", lambda t: read_gradients(t)[::-1])
def test_the_gradients_of_the_latest_step_can_be_read():
    training, (x, y) = new_trainer(1.0), mini_batch()
    for part in (x, 2 * x):
        before = training.net.read_arrays()
        training.step(*tensors(part, y))
        nabla_w, nabla_b = training.read_gradients()
        for found, expected in zip(
            [*nabla_w, *nabla_b], [g for gs in whole_gradient(*before, part, y, 1.0) for g in gs], strict=True
        ):
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-14)


@catches("no copy", "np.array", np.asarray)
def test_the_gradients_that_were_read_stay_as_they_are():
    training, (x, y) = new_trainer(1.0), mini_batch()
    training.step(*tensors(x, y))
    first = vector(*training.read_gradients())
    kept = training.read_gradients()
    for parameter in training.net.parameters():
        parameter.grad.zero_()
    assert vector(*kept).tolist() == first.tolist()


@catches("zeros", "Trainer.read_gradients", lambda t: ([], []))
def test_before_the_first_step_there_are_no_gradients():
    with pytest.raises(ValueError, match="there are no gradients yet: take a step first"):
        new_trainer(1.0).read_gradients()


@catches(
    "another start",
    "Trainer.__init__",
    lambda t, w, b, **rest: init(t, w, [-b_l for b_l in b], **rest),
    dtype=np.float64,
)
@catches(
    "always float64",
    "SigmoidMLP",
    lambda sizes, device, dtype: MLP(sizes, device=device, dtype=torch.float64),
    dtype=np.float32,
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_training_starts_from_the_given_parameters_in_their_dtype(dtype):
    found = vector(*new_trainer(1.0, dtype=dtype).net.read_arrays())
    np.testing.assert_array_equal(found, START.vector.astype(dtype), strict=True)
