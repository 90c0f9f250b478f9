"""How far the two networks, each training on its own, have come apart; shown beside the verdict, never judged.

e_{k+1} = (I − ηH_k) e_k + ρ_k: rounding that differs moves the runs of two correct programs apart, sometimes fast.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class Drift:
    """The curve of ‖w_actual − w_expected‖ / ‖w_expected‖ over the steps that were sampled.

    horizon: the first sampled step where the two are further apart than one SGD step is long, and than rounding. From
    there on they are two different runs, and the curve says nothing of the code. None if that never came.
    """

    steps: list[int] = field(default_factory=list)
    distances: list[float] = field(default_factory=list)
    horizon: int | None = None

    def add(self, step: int, actual: Sequence[np.ndarray], expected: Sequence[np.ndarray], step_length: float) -> float:
        """Sample the drift after that many steps; the arrays are all parameters of either side."""
        apart = norm([a - e for a, e in zip(actual, expected, strict=True)])
        self.steps.append(step)
        self.distances.append(apart / norm(expected))
        rounding = 8 * np.finfo(expected[0].dtype).eps * norm(expected)  # a step may be shorter than this
        if self.horizon is None and not apart <= max(step_length, rounding):
            self.horizon = step
        return self.distances[-1]

    @property
    def last(self) -> float:
        """The drift at the end."""
        return self.distances[-1] if self.distances else 0.0


def norm(arrays: Sequence[np.ndarray]) -> float:
    """The Euclidean norm of all the numbers together."""
    return float(np.sqrt(sum(np.vdot(a, a).real for a in (np.asarray(a, np.float64).ravel() for a in arrays))))
