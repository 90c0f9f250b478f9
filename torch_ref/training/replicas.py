"""Several networks of the same sizes trained side by side, each by itself: one batched product for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from jaxtyping import Float


class Replicas(nn.Module):
    """R networks: a^0 = x and a^l = σ(w^l a^{l−1} + b^l) in each. Examples are rows.

    weights[l] (R, n_out, n_in), biases[l] (R, 1, n_out).
    """

    def __init__(
        self,
        weights: Sequence[Float[torch.Tensor, "R _n_out _n_in"]],
        biases: Sequence[Float[torch.Tensor, "R _n_out"]],
    ) -> None:
        """Copies of those parameters."""
        super().__init__()
        self.weights = nn.ParameterList([nn.Parameter(_columns_first(w.detach())) for w in weights])
        self.biases = nn.ParameterList([nn.Parameter(b.detach().clone()[:, None, :]) for b in biases])

    @classmethod
    def random(
        cls, sizes: Sequence[int], generators: Sequence[torch.Generator], dtype: torch.dtype, device: torch.device
    ) -> Replicas:
        """Weights and biases from N(0, 1), as Nielsen starts; generator r, on the CPU, draws those of network r."""
        drawn = [_drawn(sizes, generator) for generator in generators]
        weights, biases = (
            [torch.stack(layer).to(device, dtype) for layer in zip(*parts, strict=True)]
            for parts in zip(*drawn, strict=True)
        )
        return cls(weights, biases)

    def __len__(self) -> int:
        """The number of networks, R."""
        return len(self.weights[0])

    def forward(self, x: Float[torch.Tensor, "R m n_0"]) -> Float[torch.Tensor, "R m n_L"]:
        """The output activations of each network for its own examples."""
        for w, b in zip(self.weights, self.biases, strict=True):
            x = torch.sigmoid(torch.baddbmm(b, x, w.mT))
        return x


def _columns_first(w: Float[torch.Tensor, "R n_out n_in"]) -> Float[torch.Tensor, "R n_out n_in"]:
    """A copy with wᵀ in one piece: that is how autograd finds ∇w, and a ∇w that lies otherwise is copied each step."""
    return w.mT.clone(memory_format=torch.contiguous_format).mT


def _drawn(sizes: Sequence[int], generator: torch.Generator) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """In float64, whatever the networks' dtype: the same start in each."""
    biases = [torch.randn(n, generator=generator, dtype=torch.float64) for n in sizes[1:]]
    shapes = [(n_out, n_in) for n_in, n_out in pairwise(sizes)]
    weights = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]
    return weights, biases


def costs(
    a: Float[torch.Tensor, "R part n_L"], y: Float[torch.Tensor, "R part n_L"], factor: float, m: int
) -> Float[torch.Tensor, " R"]:
    """Of each network C = (1/m) Σ_x (factor/2) ‖y − a‖², or what a part of the m examples adds to it.

    The gradient of the sum of them is that of each, side by side.
    """
    return mean_squares(y - a, factor, m)


def mean_squares(errors: Float[torch.Tensor, "*of part n_L"], factor: float, m: int) -> Float[torch.Tensor, "*of"]:
    """(1/m) Σ_x (factor/2) ‖error‖², for each of as many as there are."""
    return errors.square().sum(dim=(-2, -1)) * (factor / (2 * m))
