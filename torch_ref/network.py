"""The network of the lectures as an ``nn.Module``, and its parameters from and to arrays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from torch import nn

if TYPE_CHECKING:
    from jaxtyping import Float


class SigmoidMLP(nn.Module):
    """a^0 = x and a^l = σ(w^l a^{l−1} + b^l): linear layers, each under a sigmoid. Examples are rows."""

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        """``sizes`` are the layers' widths, the input's first."""
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Linear(n_in, n_out, device=device, dtype=dtype) for n_in, n_out in pairwise(sizes)
        )

    def forward(self, x: Float[torch.Tensor, "m n_0"]) -> Float[torch.Tensor, "m n_L"]:
        """The output activations a^L."""
        for layer in self.layers:
            x = torch.sigmoid(layer(x))
        return x

    def load_arrays(self, weights: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> None:
        """Copy weights (n_out, n_in) and biases (n_out,) in. Raises ValueError where a shape does not fit."""
        with torch.no_grad():
            for layer, w, b in zip(self.linear_layers, weights, biases, strict=True):
                if (w.shape, b.shape) != (tuple(layer.weight.shape), tuple(layer.bias.shape)):
                    raise ValueError(
                        f"a layer of shape {tuple(layer.weight.shape)} was given weights {w.shape}, biases {b.shape}"
                    )
                layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(w)))
                layer.bias.copy_(torch.from_numpy(np.ascontiguousarray(b)))

    def read_arrays(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Copies of the weights and the biases."""
        layers = self.linear_layers
        return [to_array(layer.weight) for layer in layers], [to_array(layer.bias) for layer in layers]

    @property
    def linear_layers(self) -> list[nn.Linear]:
        """The linear layers, with their type."""
        return cast("list[nn.Linear]", list(self.layers))


# Of the costs by name, here again and not from the hand-written side: a factor that is wrong there must show.
COST_FACTORS = {"half": 1.0, "full": 2.0}


def quadratic_cost(
    a: Float[torch.Tensor, "part n_L"], y: Float[torch.Tensor, "part n_L"], factor: float, m: int | None = None
) -> Float[torch.Tensor, ""]:
    """C = (1/m) Σ_x (factor/2) ‖y − a‖²: factor 1 for C = 1/(2n) Σ‖y − a‖², 2 for C = Σ(y − a)² of an example.

    Where these are only a part of the m examples, it is what they add to C.
    """
    return nn.functional.mse_loss(a, y, reduction="sum") * (factor / (2 * (len(a) if m is None else m)))


def to_array(tensor: torch.Tensor) -> np.ndarray:
    """A NumPy copy, on the host."""
    return np.array(tensor.detach().cpu().numpy())
