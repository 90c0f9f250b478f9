"""Owns what the checks of today hold a gradient against: the cost as a function of the parameters, in NumPy and in
torch, its gradient by autograd, and its centered differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch

from compare.diagnosis.case import Case
from torch_ref.network import SigmoidMLP, quadratic_cost

if TYPE_CHECKING:
    from jaxtyping import Float

Arrays = list[np.ndarray]


def flat(arrays: Sequence[np.ndarray]) -> Float[np.ndarray, " P"]:
    """All of them in one vector."""
    return np.concatenate([array.ravel() for array in arrays])


def parameters(case: Case) -> Arrays:
    """Every weights (n_out, n_in), then every biases (n_out,)."""
    return [*case.weights, *case.biases]


def split(vector: Float[np.ndarray, " P"], case: Case) -> Arrays:
    """The vector as views in the shapes of the case's parameters."""
    like = parameters(case)
    parts = np.split(vector, np.cumsum([array.size for array in like])[:-1])
    return [part.reshape(array.shape) for part, array in zip(parts, like, strict=True)]


def cost(case: Case, of: Sequence[np.ndarray]) -> np.floating:
    """C with those parameters, in their dtype."""
    a = case.x
    for w, b in zip(of[: case.L], of[case.L :], strict=True):
        a = 1 / (1 + np.exp(-(a @ w.T + b)))
    return ((a - case.y) ** 2).sum() * a.dtype.type(case.factor * case.scale / (2 * case.m))


def torch_cost(case: Case, of: Sequence[torch.Tensor]) -> torch.Tensor:
    """The same in torch, to be differentiated."""
    a = torch.from_numpy(case.x)
    for w, b in zip(of[: case.L], of[case.L :], strict=True):
        a = torch.sigmoid(torch.nn.functional.linear(a, w, b))
    return quadratic_cost(a, torch.from_numpy(case.y), case.factor) * case.scale


@lru_cache(maxsize=4)
def by_autograd(case: Case) -> Arrays:
    """∇C by loss.backward(), in the order of ``parameters``; a case is computed once."""
    net = SigmoidMLP(case.sizes, dtype=torch.from_numpy(case.x).dtype)
    net.load_arrays(case.weights, case.biases)
    (quadratic_cost(net(torch.from_numpy(case.x)), torch.from_numpy(case.y), case.factor) * case.scale).backward()
    of = [*(layer.weight for layer in net.linear_layers), *(layer.bias for layer in net.linear_layers)]
    return [p.grad.numpy() for p in of if p.grad is not None]


@lru_cache(maxsize=4)
def by_differences(case: Case, h: float = 1e-5) -> Arrays:
    """(C(w + h) − C(w − h)) / 2h for each parameter by itself, in the case's dtype; a case is computed once."""
    vector = flat(parameters(case))
    of, found = split(vector, case), np.empty_like(vector)
    for i, w in enumerate(vector.copy()):
        vector[i] = w + h
        above = cost(case, of)
        vector[i] = w - h
        found[i] = (above - cost(case, of)) / (2 * h)
        vector[i] = w
    return split(found, case)


def tensor(array: np.ndarray) -> torch.Tensor:
    """The same numbers in torch."""
    return torch.from_numpy(np.ascontiguousarray(array))


def tensors(arrays: Sequence[np.ndarray]) -> list[torch.Tensor]:
    """The same of several."""
    return [tensor(array) for array in arrays]
