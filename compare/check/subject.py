"""What is checked: anything that can be asked about a case; a file in a process of its own, or a derivation."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from compare.diagnosis.case import Case, Fault, Observed

FORWARD, GRADIENT, UPDATE = "feedforward", "backprop", "update_mini_batch"
# Faults of an answer's form.
FORM = {"raised", "none", "arity", "ragged", "object", "type", "layers", "shape", "signature", "input"}
SLOTS = {"sigmoid": "a = σ(z)", "sigmoid_prime": "σ′"}  # of a function of z, in the derivation
SHOWN_BY = {FORWARD: ("activations",), GRADIENT: ("deltas", "nabla_b", "nabla_w"), UPDATE: ("weights", "biases")}


@runtime_checkable
class Subject(Protocol):
    """An implementation under test."""

    @property
    def offers(self) -> frozenset[str]:
        """The names of its functions, of those that the interface has."""

    def observe(self, case: Case) -> Observed:
        """What its functions show of a case, and what they did wrong beside that."""

    def call(self, name: str, z: np.ndarray) -> tuple[np.ndarray | None, list[Fault]]:
        """sigmoid or sigmoid_prime of every element of z."""
