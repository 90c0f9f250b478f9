"""The reference's own training: one SGD step after another by autograd and torch.optim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from torch_ref.network import SigmoidMLP, quadratic_cost

if TYPE_CHECKING:
    from jaxtyping import Float


class Trainer:
    """A network, its optimiser, and the device that they live on."""

    def __init__(
        self,
        weights: Sequence[np.ndarray],
        biases: Sequence[np.ndarray],
        *,
        eta: float,
        factor: float,
        device: torch.device | str = "cpu",
    ) -> None:
        """Starts from copies of the given weights (n_out, n_in) and biases (n_out,), in their dtype."""
        sizes = [weights[0].shape[1], *(len(w) for w in weights)]
        self.net = SigmoidMLP(sizes, device=device, dtype=torch.from_numpy(biases[0]).dtype)
        self.net.load_arrays(weights, biases)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=eta)
        self.factor = factor

    def step(self, x: Float[torch.Tensor, "m n_0"], y: Float[torch.Tensor, "m n_L"]) -> torch.Tensor:
        """w → w − η∇C of one mini-batch, and C before it; the gradients stay in ``.grad`` until the next step."""
        self.optimizer.zero_grad()
        cost = quadratic_cost(self.net(x), y, self.factor)
        cost.backward()
        self.optimizer.step()
        return cost.detach()

    def read_gradients(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Copies of ∂C/∂w and ∂C/∂b of the latest step. Raises ValueError before the first."""
        grads = [parameter.grad for parameter in self.net.parameters()]
        if any(g is None for g in grads):
            raise ValueError("there are no gradients yet: take a step first")
        arrays = [np.array(g.cpu().numpy()) for g in grads if g is not None]
        return arrays[0::2], arrays[1::2]
