"""All that a run needs to go on with the same bits, as tensors and facts, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from torch_ref.training.checkpoint import Checkpoint, CheckpointError, expect
from torch_ref.training.replicas import Replicas
from torch_ref.training.settings import Settings, SettingsError
from torch_ref.training.training import Epoch, Training


def tensors(training: Training) -> dict[str, torch.Tensor]:
    """Parameters, the random state that the order of this epoch is drawn from, costs so far; plain SGD keeps none."""
    found = parameters(training.net)
    found["random_state"] = training.order.drawn_from if training.step else training.order.state()
    found["cost_sum"] = training.cost_sum
    return found


def parameters(net: Replicas) -> dict[str, torch.Tensor]:
    """weights.l (R, n_out, n_in) and biases.l (R, n_out) of the layers l = 1 … L."""
    weights = {f"weights.{l}": w.detach() for l, w in enumerate(net.weights, start=1)}
    return weights | {f"biases.{l}": b.detach()[:, 0, :] for l, b in enumerate(net.biases, start=1)}


def facts(training: Training) -> dict[str, Any]:
    """The settings, the place in the data, what came out so far, and whether torch is held to the same bits."""
    return {
        "settings": training.settings.as_dict(),
        "step": training.step,
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "history": [epoch.as_dict() for epoch in training.history],
    }


def settings_of(checkpoint: Checkpoint, path: Path) -> Settings:
    """Those of the run that wrote it. Raises CheckpointError if there are none."""
    try:
        return Settings.of(checkpoint.facts["settings"])
    except (KeyError, TypeError, SettingsError) as e:
        raise CheckpointError(
            f"{path} holds no settings of a training run ({e}); --resume takes a file that "
            "'backproof train' wrote; leave it out to begin anew"
        ) from e


def restore(training: Training, checkpoint: Checkpoint, path: Path) -> None:
    """Put the run where the checkpoint was written. Raises CheckpointError if it is that of another network."""
    expect(checkpoint, path, {name: tuple(tensor.shape) for name, tensor in tensors(training).items()})
    found = checkpoint.tensors
    with torch.no_grad():
        for l, (w, b) in enumerate(zip(training.net.weights, training.net.biases, strict=True), start=1):
            w.copy_(found[f"weights.{l}"])
            b.copy_(found[f"biases.{l}"][:, None, :])
    training.cost_sum = found["cost_sum"].to(training.device)
    training.order.go_back(found["random_state"])
    training.step = checkpoint.facts["step"]
    training.history = [Epoch(**epoch) for epoch in checkpoint.facts["history"]]
