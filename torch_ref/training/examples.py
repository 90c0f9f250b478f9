"""The examples where the networks are: whole sets on the device, and the accuracy on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from torch_ref import data
from torch_ref.training.replicas import Replicas
from torch_ref.training.settings import CLASSES

if TYPE_CHECKING:
    from jaxtyping import Float, Int

CHUNK = 2000


@dataclass(frozen=True, eq=False)
class Examples:
    """x (n, 784) of pixels between 0 and 1, y (n, 10) one-hot and the labels (n,), all on one device."""

    x: Float[torch.Tensor, "n n_0"]
    y: Float[torch.Tensor, "n n_L"]
    labels: Int[torch.Tensor, " n"]

    @classmethod
    def of(cls, examples: data.Examples, dtype: torch.dtype, device: torch.device) -> Examples:
        """Copies on the device."""
        labels = torch.tensor(examples.labels, dtype=torch.int64, device=device)
        x = torch.tensor(examples.images, device=device).to(dtype).div_(255)
        return cls(x, torch.eye(CLASSES, dtype=dtype, device=device)[labels], labels)

    def __len__(self) -> int:
        return len(self.labels)


@torch.no_grad()
def accuracy(net: Replicas, examples: Examples) -> list[float]:
    """Of each network, the part of the examples whose largest output is that of their digit."""
    correct = torch.zeros(len(net), dtype=torch.int64, device=examples.x.device)
    for x, labels in zip(examples.x.split(CHUNK), examples.labels.split(CHUNK), strict=True):
        digits = net(x.expand(len(net), *x.shape)).argmax(dim=2)
        correct += (digits == labels).sum(dim=1)
    return [c / len(examples) for c in correct.tolist()]
