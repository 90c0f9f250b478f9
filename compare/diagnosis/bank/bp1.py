"""What goes wrong in BP1: δ^L = ∂C/∂a ⊙ σ′(z^L)."""

from __future__ import annotations

import numpy as np

from compare.diagnosis.derivation import Equation, Step
from compare.diagnosis.mistake import mistake


@mistake(
    "BP1",
    name="σ′ left out of BP1",
    explanation="δ^L is ∂C/∂a alone; it has to be multiplied by σ′(z^L), element by element.",
    hint="How does the cost depend on z^L? Write the chain rule from C to z^L, and count its factors.",
)
def sigma_prime_left_out(s: Step, L: int, right: Equation) -> np.ndarray:
    """δ^L = ∂C/∂a."""
    return s.nabla_a
