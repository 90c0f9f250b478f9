"""Owns the truth about a wrong program in one case: is its gradient wrong there, its update alone, or nothing at all?

It is told by no bound and no check: the program is run once more in extended precision, beside the right one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from compare.diagnosis.case import Case, Observed
from compare.matrix.implementations import Program

RIGHT = Program("the truth", (), wrong=False)
LEAST = 1000 * float(np.finfo(np.longdouble).eps)  # below this the extended precision's own rounding is seen


def kind(program: Program, observed: Observed | None, earlier: Case, case: Case) -> str:
    """``correct``, or of wrong code ``gradient``, ``update``, ``hidden`` or ``raised``: what there is to be seen.

    A tensor is wrong if its largest error is more than the dtype's unit roundoff of its largest element, which no
    rounding of it to that dtype hides, or if any of its elements is off by more than a thousandth of itself.
    """
    if observed is None:
        return "raised"
    if not program.wrong:
        return "correct"
    least = max(LEAST, float(np.finfo(case.x.dtype).eps) / 2)
    shown = (gradients(observed), updates(observed))
    both = zip(program.exactly(earlier, case), RIGHT.exactly(earlier, case), strict=True)
    for name, tensors, (actual, expected) in zip(("gradient", "update"), shown, both, strict=True):
        if not all(np.isfinite(a).all() for a in tensors) or apart(actual, expected) > least:
            return name
    return "hidden"


def gradients(observed: Observed) -> list[np.ndarray]:
    """nabla_w (n_out, n_in) of each layer, then nabla_b (n_out,)."""
    return [a[0] for a in (*observed.trace.nabla_w, *observed.trace.nabla_b)]


def updates(observed: Observed) -> list[np.ndarray]:
    """The parameters after the step."""
    after = observed.trace.after
    return [] if after is None else [a[0] for a in (*after.weights, *after.biases)]


def apart(actual: Sequence[np.ndarray], expected: Sequence[np.ndarray]) -> float:
    """The largest error of a tensor, next to its largest element; ∞ where an element is no longer itself."""
    return max((_apart(a, e) for a, e in zip(actual, expected, strict=True)), default=0.0)


def _apart(a: np.ndarray, e: np.ndarray) -> float:
    if a.shape != e.shape or not np.isfinite(a).all():
        return np.inf
    error, size = np.abs(a - e), np.abs(e)
    if (error > size / 1000).any():
        return np.inf
    return float(error.max() / size.max()) if size.any() else 0.0
