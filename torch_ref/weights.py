"""Weights and biases from a file as arrays, and into one: scratch, torch and a run's checkpoint share them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from torch_ref.network import to_array
from torch_ref.training.checkpoint import CheckpointError, load, save

if TYPE_CHECKING:
    from jaxtyping import Float


def save_arrays(
    path: Path, weights: Sequence[Float[np.ndarray, "_n_out _n_in"]], biases: Sequence[Float[np.ndarray, " _n_out"]]
) -> None:
    """Write one network to a file. Raises CheckpointError where that is not possible."""
    layers = zip(weights, biases, strict=True)
    tensors = {
        f"{name}.{l}": torch.tensor(array[None])
        for l, (w, b) in enumerate(layers, start=1)
        for name, array in (("weights", w), ("biases", b))
    }
    save(path, tensors, {})


def load_arrays(path: Path, network: int = 0) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """weights[l] (n_out, n_in) and biases[l] (n_out,) of one of the networks in a file, a checkpoint of a run too.

    Raises CheckpointError if it cannot be read, or has no such network.
    """
    tensors = load(path).tensors
    L = sum(name.startswith("weights.") for name in tensors)
    if L == 0 or not 0 <= network < len(tensors["weights.1"]):
        count = len(tensors["weights.1"]) if L else 0
        raise CheckpointError(f"{path} has {count} networks, and number {network} was asked for; they count from 0")
    weights, biases = (
        [to_array(tensors[f"{name}.{l}"][network]) for l in range(1, L + 1)] for name in ("weights", "biases")
    )
    return weights, biases
