"""Weight decay: is a wrong step, or ∇w, right but for a multiple of the weights themselves, the same in every layer?"""

from __future__ import annotations

import numpy as np

from compare.diagnosis.case import Case, Observed
from compare.diagnosis.facts import CLOSE
from compare.diagnosis.instruments.quantity import Finding, Quantity, quantities
from compare.diagnosis.instruments.scaling import number
from compare.tolerance import Bounds
from compare.trace import Trace


def decay(case: Case, observed: Observed, expected: Trace, bound: Bounds) -> list[Finding]:
    """A finding for ∇w, and for the step of the weights, that is wrong and c·w beside what is expected."""
    shown = quantities(case, observed, expected, bound)
    found = []
    for name in ("nabla_w", "weights"):
        group = [quantity for quantity in shown if quantity.key.name == name]
        if (c := _of_weights(case, group)) is not None:
            found.append(Finding("decay", group[0].key, _sentence(case, name, c)))
    return found


def _of_weights(case: Case, group: list[Quantity]) -> float | None:
    """c, if each tensor is c·w beside the expected one, to within rounding, and c is not 0."""
    if all(one.right for one in group) or any(one.actual.shape != one.expected.shape for one in group):
        return None
    rest, w, allowed = (np.concatenate([a.ravel() for a in part]) for part in zip(*_parts(case, group), strict=True))
    if not np.isfinite(rest).all() or not w.any() or w.size < 2:
        return None
    c = float(rest @ w / (w @ w))
    return c if (np.abs(rest - c * w) <= 2 * (1 + abs(c)) * allowed).all() else None


def _parts(case: Case, group: list[Quantity]) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """What is left of each tensor, its weights, and the bound."""
    return [(one.actual - one.expected, case.weights[one.key.layer - 1], one.allowed) for one in group]


def _sentence(case: Case, name: str, c: float) -> str:
    term = f"{number(c)} × w" if c > 0 else f"({number(c)}) × w"
    if name == "nabla_w":
        return f"nabla_w, in every layer, is ∇w + {term}: is a term in ‖w‖² in your cost, which the stated one has not?"
    if np.isclose(c, 1, rtol=CLOSE[case.x.dtype.name]):
        return "the weights after the step, in every layer, are −η∇w alone: where is the w that it is taken from?"
    rate = f", with λ = {number(c / case.eta)}" if case.eta else ""
    decayed = f"is it weight decay{rate}, which w − η∇w has not?"
    return f"the step w − w′ of weights, in every layer, is η∇w + {term}: {decayed}"
