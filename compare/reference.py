"""The expected trace: the torch network, judged from the other side's own parameters, a block of steps at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from compare.trace import Trace, Weights
from torch_ref.autograd import gradients
from torch_ref.network import SigmoidMLP
from torch_ref.processes import Processes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float


class Reference:
    """The ``torch.nn`` network on its device, with the cost that it differentiates."""

    def __init__(
        self,
        sizes: Sequence[int],
        factor: float,
        dtype: np.dtype,
        device: str | torch.device = "cpu",
        processes: Processes | None = None,
    ) -> None:
        """``factor`` is the cost's: 1 for C = 1/(2n) Σ‖y − a‖², 2 for C = Σ(y − a)².

        Of several ``processes``, each with its part of every mini-batch, ∇C is what they find together.
        """
        self.sizes, self.device, self.factor = tuple(sizes), device, factor
        self.processes = processes
        self.net = SigmoidMLP(sizes, device=device, dtype=torch.from_numpy(np.zeros(0, dtype)).dtype)

    def trace(
        self,
        before: Weights,
        x: Float[np.ndarray, "K m n_0"],
        y: Float[np.ndarray, "K m n_L"],
        scale: float = 1.0,
    ) -> Trace:
        """What autograd gives for K steps that start from the parameters ``before``, for scale × C.

        Raises LostError where one of several processes ends.
        """
        found = gradients(
            self.net,
            [self._tensor(w) for w in before.weights],
            [self._tensor(b) for b in before.biases],
            self._tensor(x),
            self._tensor(y),
            self.factor,
            scale,
        )
        trace = Trace(
            zs=[_array(z) for z in found.zs],
            activations=[_array(a) for a in found.activations],
            cost=_array(found.cost),
            nabla_a=_array(found.nabla_a),
            deltas=[_array(delta) for delta in found.deltas],
            nabla_b=[_array(nabla) for nabla in found.nabla_b],
            nabla_w=[_array(nabla) for nabla in found.nabla_w],
            scale=scale,
        )
        if self.processes:
            trace.nabla_w, trace.nabla_b = self.processes.gradients(before.weights, before.biases, x, y, scale)
        return trace

    def _tensor(self, array: np.ndarray) -> torch.Tensor:
        return torch.tensor(array, device=self.device)  # a copy: the two sides never share memory


def _array(tensor: torch.Tensor) -> np.ndarray:
    """The tensor's numbers, in its own memory where that is the host's: nobody else holds it."""
    return tensor.detach().cpu().numpy()
