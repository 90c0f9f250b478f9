"""The mistakes of shared fame, each as a wrong version of one equation of ``plain``, under the name it goes by."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import numpy as np
from plain import EQUATIONS, Mistake, prime, sigmoid

cost, bp3, bp4 = EQUATIONS["cost"], EQUATIONS["BP3"], EQUATIONS["BP4"]

MISTAKES = {
    "bias left out": Mistake("zs", lambda s, l: s.activations[l - 1] @ s.weights[l].T),
    "W transposed": Mistake("zs", lambda s, l: s.activations[l - 1] @ s.weights[l] + s.biases[l], square=0),
    "σ left out": Mistake("activations", lambda s, l: s.zs[l]),
    "σ of -z": Mistake("activations", lambda s, l: sigmoid(-s.zs[l])),
    "C doubled": Mistake("cost", lambda s, L: 2 * cost(s, L)),
    "C summed": Mistake("cost", lambda s, L: s.m * cost(s, L)),
    "C a mean over outputs": Mistake("cost", lambda s, L: s.factor / 2 * np.mean((s.y - s.activations[L]) ** 2)),
    "∂C÷∂a doubled": Mistake("nabla_a", lambda s, L: 2 * s.factor * (s.activations[L] - s.y)),
    "∂C÷∂a halved": Mistake("nabla_a", lambda s, L: s.factor / 2 * (s.activations[L] - s.y)),
    "∂C÷∂a is y - a": Mistake("nabla_a", lambda s, L: s.factor * (s.y - s.activations[L])),
    "σ′ left out of BP1": Mistake("BP1", lambda s, L: s.nabla_a),
    "δ of cross-entropy": Mistake("BP1", lambda s, L: s.activations[L] - s.y),
    "σ′ of a in BP1": Mistake("BP1", lambda s, L: s.nabla_a * prime(s.activations[L])),
    "σ′ is σ(1 + σ) in BP1": Mistake("BP1", lambda s, L: s.nabla_a * s.activations[L] * (1 + s.activations[L])),
    "σ′ left out of BP2": Mistake("BP2", lambda s, l: s.deltas[l + 1] @ s.weights[l + 1]),
    "σ′ of the layer above": Mistake(
        "BP2", lambda s, l: s.deltas[l + 1] @ s.weights[l + 1] * prime(s.zs[l + 1]), square=1
    ),
    "W not transposed": Mistake("BP2", lambda s, l: s.deltas[l + 1] @ s.weights[l + 1].T * prime(s.zs[l]), square=1),
    "W updated before the error goes down": Mistake(
        "BP2", lambda s, l: s.deltas[l + 1] @ (s.weights[l + 1] - s.eta * bp4(s, l + 1)) * prime(s.zs[l])
    ),
    "only the last layer trained": Mistake("BP2", lambda s, l: 0 * s.zs[l]),
    "∇b summed": Mistake("BP3", lambda s, l: np.sum(s.deltas[l], axis=0)),
    "∇b of the last example": Mistake("BP3", lambda s, l: s.deltas[l][-1]),
    "∇b over n": Mistake("BP3", lambda s, l: np.sum(s.deltas[l], axis=0) / s.n),
    "∇b zero": Mistake("BP3", lambda s, l: 0 * bp3(s, l)),
    "∇w transposed": Mistake("BP4", lambda s, l: bp4(s, l).T, square=0),
    "∇w by the layer's own a": Mistake("BP4", lambda s, l: s.deltas[l].T @ s.activations[l] / s.m, square=0),
    "∇w of the last example": Mistake("BP4", lambda s, l: np.outer(s.deltas[l][-1], s.activations[l - 1][-1])),
    "∇w summed": Mistake("BP4", lambda s, l: s.m * bp4(s, l)),
    "∇w over n": Mistake("BP4", lambda s, l: s.m * bp4(s, l) / s.n),
    "w the wrong way": Mistake("weights", lambda s, l: s.weights[l] + s.eta * s.nabla_w[l]),
    "η forgotten": Mistake("weights", lambda s, l: s.weights[l] - s.nabla_w[l]),
    "b the wrong way": Mistake("biases", lambda s, l: s.biases[l] + s.eta * s.nabla_b[l]),
    "b not updated": Mistake("biases", lambda s, l: s.biases[l]),
}
# Seen only where the last mini-batch of an epoch is smaller than the others.
RAGGED = {
    "∇b of a ragged mini-batch over m": Mistake("BP3", lambda s, l: s.m * bp3(s, l) / s.size),
    "∇w of a ragged mini-batch over m": Mistake("BP4", lambda s, l: s.m * bp4(s, l) / s.size),
}


def _in_sequence(terms: np.ndarray) -> np.ndarray:
    """The sum over the last axis, one term after another: the least accurate order."""
    return np.cumsum(terms, axis=-1)[..., -1]


def _one_by_one(terms: Iterable[np.ndarray]) -> np.ndarray:
    return reduce(np.add, terms)


# No mistakes: other ways to write the same equations, that round otherwise.
OTHERWISE = {
    "z in sequence": Mistake(
        "zs", lambda s, l: s.biases[l] + _in_sequence(s.activations[l - 1][:, None, :] * s.weights[l])
    ),
    "z in reverse": Mistake("zs", lambda s, l: s.activations[l - 1][:, ::-1] @ s.weights[l][:, ::-1].T + s.biases[l]),
    "σ in two halves": Mistake(
        "activations", lambda s, l: np.where(s.zs[l] < 0, np.exp(-abs(s.zs[l])), 1) / (1 + np.exp(-abs(s.zs[l])))
    ),
    "C example by example": Mistake(
        "cost", lambda s, L: _one_by_one(s.factor / 2 * e @ e for e in s.y - s.activations[L]) / s.m
    ),
    "∂C÷∂a from y": Mistake("nabla_a", lambda s, L: -(s.y - s.activations[L]) * s.factor),
    "σ′ as a - a²": Mistake("BP1", lambda s, L: s.nabla_a * (s.activations[L] - s.activations[L] ** 2)),
    "σ′ as σ(z)σ(-z)": Mistake("BP1", lambda s, L: s.nabla_a * (sigmoid(s.zs[L]) * sigmoid(-s.zs[L]))),
    "wᵀδ in sequence": Mistake(
        "BP2", lambda s, l: _in_sequence(s.deltas[l + 1][:, None, :] * s.weights[l + 1].T) * prime(s.zs[l])
    ),
    "∇b in sequence": Mistake("BP3", lambda s, l: _in_sequence(s.deltas[l].T) * (1 / s.m)),
    "∇w of δ÷m": Mistake("BP4", lambda s, l: (s.deltas[l] / s.m).T @ s.activations[l - 1]),
    "∇w example by example": Mistake(
        "BP4", lambda s, l: _one_by_one(map(np.outer, s.deltas[l], s.activations[l - 1])) / s.m
    ),
    "η÷m times the sum": Mistake("weights", lambda s, l: s.weights[l] - s.eta / s.m * (s.m * s.nabla_w[l])),
    "plus -η": Mistake("biases", lambda s, l: s.biases[l] + -s.eta * s.nabla_b[l]),
}
