"""Whether numbers are others to within honest rounding: a difference quotient is not, close as it is."""

from __future__ import annotations

import numpy as np

CLOSE = 1e-14  # of the largest element: some ten times what honest rounding takes


def exactly(actual: np.ndarray, expected: np.ndarray, close: float) -> bool:
    """Finite in the same places, and there no further apart than that, in units of the largest expected element."""
    finite = np.isfinite(expected)
    if not finite.any() or not np.array_equal(np.isfinite(actual), finite):
        return False
    most = close * np.abs(expected[finite]).max()
    return bool(np.abs(actual - expected)[finite].max() <= most)
