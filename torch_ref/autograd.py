"""z, a, δ and the gradients of many independent SGD steps, read where autograd computes them, in one batched call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch.func import functional_call, vmap

from torch_ref.network import SigmoidMLP, quadratic_cost

if TYPE_CHECKING:
    from jaxtyping import Float

Parameters = dict[str, torch.Tensor]
Cost = Callable[[Parameters, list[torch.Tensor], torch.Tensor, torch.Tensor], tuple[torch.Tensor, Any]]


@dataclass(frozen=True)
class Gradients:
    """What autograd found for K steps; lists have an entry for each of the layers 1 … L."""

    cost: Float[torch.Tensor, " K"]
    zs: list[Float[torch.Tensor, "K m _n_l"]]
    activations: list[Float[torch.Tensor, "K m _n_l"]]
    nabla_a: Float[torch.Tensor, "K m n_L"]
    deltas: list[Float[torch.Tensor, "K m _n_l"]]
    nabla_w: list[Float[torch.Tensor, "K _n_out _n_in"]]
    nabla_b: list[Float[torch.Tensor, "K _n_out"]]


def gradients(
    net: SigmoidMLP,
    weights: Sequence[Float[torch.Tensor, "K _n_out _n_in"]],
    biases: Sequence[Float[torch.Tensor, "K _n_out"]],
    x: Float[torch.Tensor, "K m n_0"],
    y: Float[torch.Tensor, "K m n_L"],
    factor: float,
    scale: float = 1.0,
) -> Gradients:
    """Step k is ``net`` with weights[l][k] and biases[l][k] on the mini-batch x[k], y[k].

    What is differentiated is scale × C, so nabla_w and nabla_b are scale × ∇C; the rest is that of C itself.
    A probe, an array of zeros, is added to each z^l and to a^L: the derivative of scale × C by the probe is the
    derivative by what it was added to, which is (scale/m) δ^l and (scale/m) ∂C/∂a^L.
    """
    K, m, _ = x.shape
    parameters = named(net, weights, biases)
    probes = [x.new_zeros(K, m, b.shape[1]) for b in (*biases, biases[-1])]
    cost = partial(_cost, net, factor, scale)
    differentiate = _of_one_step if K == 1 else _of_many_steps
    (by_parameter, by_probe), (costs, inputs, seen) = differentiate(cost, parameters, probes, x, y)
    L = len(weights)
    return Gradients(
        cost=costs,
        zs=seen[:L],
        activations=[*inputs[1:L], seen[L]],
        nabla_a=by_probe[-1] / (scale / m),
        deltas=[delta / (scale / m) for delta in by_probe[:-1]],
        nabla_w=[by_parameter[f"layers.{l}.weight"] for l in range(L)],
        nabla_b=[by_parameter[f"layers.{l}.bias"] for l in range(L)],
    )


def _cost(
    net: SigmoidMLP,
    factor: float,
    scale: float,
    parameters: Parameters,
    probes: list[torch.Tensor],
    x: torch.Tensor,
    y: torch.Tensor,
) -> tuple[torch.Tensor, Any]:
    """scale × C of one step, and beside it C, the inputs and what the probes were added to."""
    with probed(net, probes) as (inputs, seen):
        a = functional_call(net, parameters, (x,))
    c = quadratic_cost(a, y, factor)
    return scale * c, (c, inputs, seen)


def _of_many_steps(cost: Cost, parameters: Parameters, probes: list[torch.Tensor], *xy: torch.Tensor) -> Any:
    """∂/∂(parameters, probes) of each step's cost, and what the cost gives beside it, in one batched call.

    Each step has parameters of its own, so that the derivative of the costs' sum by them is that of its own cost.
    """
    of = {name: array.detach().requires_grad_() for name, array in parameters.items()}
    added = [probe.detach().requires_grad_() for probe in probes]
    values, (costs, inputs, seen) = vmap(cost)(of, added, *xy)
    found = torch.autograd.grad(values.sum(), [*of.values(), *added])
    shown = ([array.detach() for array in arrays] for arrays in (inputs, seen))
    return (dict(zip(of, found, strict=False)), list(found[len(of) :])), (costs.detach(), *shown)


def _of_one_step(cost: Cost, parameters: Parameters, probes: list[torch.Tensor], *xy: torch.Tensor) -> Any:
    """The same of a single step, without a batch: a call takes half as long."""
    one = {name: array[0].detach().requires_grad_() for name, array in parameters.items()}
    added = [probe[0].detach().requires_grad_() for probe in probes]
    value, (c, inputs, seen) = cost(one, added, *(array[0] for array in xy))
    found = [gradient[None] for gradient in torch.autograd.grad(value, [*one.values(), *added])]
    by_parameter = dict(zip(one, found, strict=False))
    shown = [[array.detach()[None] for array in arrays] for arrays in (inputs, seen)]
    return (by_parameter, found[len(one) :]), (c.detach()[None], *shown)


def named(net: SigmoidMLP, weights: Sequence[torch.Tensor], biases: Sequence[torch.Tensor]) -> Parameters:
    """The parameters under the names that the module has for them."""
    arrays = [array for layer in zip(weights, biases, strict=True) for array in layer]
    return dict(zip((name for name, _ in net.named_parameters()), arrays, strict=True))


@contextmanager
def probed(net: SigmoidMLP, probes: Sequence[torch.Tensor]) -> Iterator[tuple[list[torch.Tensor], list[torch.Tensor]]]:
    """Inside, every z^l and then a^L gets its probe added, and goes into the second list that is given.

    The first list is of what each of these modules had as input: x, a^1, …, a^{L−1}, and x again.
    """
    inputs: list[torch.Tensor] = []
    seen: list[torch.Tensor] = []
    handles = [
        module.register_forward_hook(partial(_add, inputs, seen, probe))
        for module, probe in zip([*net.layers, net], probes, strict=True)
    ]
    try:
        yield inputs, seen
    finally:
        for handle in handles:
            handle.remove()


def _add(
    inputs: list[torch.Tensor],
    seen: list[torch.Tensor],
    probe: torch.Tensor,
    _module: torch.nn.Module,
    given: tuple[torch.Tensor],
    output: torch.Tensor,
) -> torch.Tensor:
    """The forward hook: the module's output with its probe, kept."""
    inputs.append(given[0])
    seen.append(output + probe)
    return seen[-1]
