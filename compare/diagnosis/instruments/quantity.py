"""What the instruments look at: the tensors shown, beside what is expected and the bound; and what they say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from compare.diagnosis.case import Case, Observed
from compare.key import Key, find, tensor
from compare.precision import PRECISIONS, Precision
from compare.ratio import update_bound
from compare.tolerance import Bounds
from compare.trace import Trace

GRADIENTS = {"biases": ("BP3", "nabla_b"), "weights": ("BP4", "nabla_w")}
LOOKED_AT = ("deltas", "nabla_b", "nabla_w", "biases", "weights")


@dataclass(frozen=True)
class Finding:
    """What an instrument found about the tensor of that key: the first in the order of computation, if of several.

    exact   the sentence accounts for every element, to within rounding; if not, it only says where to look
    """

    instrument: str
    key: Key
    sentence: str
    exact: bool = True


@dataclass(frozen=True, eq=False)
class Quantity:
    """A tensor as it is shown and as it is expected, and the bound on the difference; of an update, w − w′ and η∇C."""

    key: Key
    actual: np.ndarray
    expected: np.ndarray
    allowed: np.ndarray

    @property
    def wrong(self) -> np.ndarray:
        """Which elements rounding cannot explain, as many as are expected; all, where the shape is another."""
        if self.actual.shape != self.expected.shape:
            return np.ones(self.expected.shape, bool)
        with np.errstate(invalid="ignore"):
            return ~(np.abs(self.actual - self.expected) <= self.allowed)

    @property
    def right(self) -> bool:
        """Whether rounding explains all of it."""
        return not self.wrong.any()

    def __str__(self) -> str:
        """As a sentence names it."""
        name = f"{self.key.name}[{self.key.layer}]"
        return f"the step w − w′ of {name}" if self.key.equation == "SGD" else name


def quantities(case: Case, observed: Observed, expected: Trace, bound: Bounds) -> list[Quantity]:
    """δ, ∇b, ∇w and the steps, as far as they are shown, in the order of computation."""
    shown = [key for key in observed.shown() if key.name in LOOKED_AT and _kept_its_shape(case, key, observed.trace)]
    return [_quantity(case, key, observed.trace, expected, bound) for key in shown]


def _quantity(case: Case, key: Key, actual: Trace, expected: Trace, bound: Bounds) -> Quantity:
    if key.equation != "SGD":
        return Quantity(key, _first(actual, key), _first(expected, key), bound.at(key, 0))
    nabla, step = gradient_of(key), step_of(case, key, actual)
    steps = [case.eta * _first(of, nabla) for of in (actual, expected) if find(of, nabla) is not None]
    found = [
        Quantity(key, step, own, _step_bound(case, key, actual, own) + case.eta * bound.at(nabla, 0))
        for own in steps
        if own.shape == step.shape
    ]
    return next((quantity for quantity in found if quantity.right), found[0])


def _kept_its_shape(case: Case, key: Key, trace: Trace) -> bool:
    """An update that has not leaves no step to speak of."""
    return key.equation != "SGD" or tensor(case.before, key).shape == tensor(trace, key).shape


def gradient_of(key: Key) -> Key:
    """The gradient that an update takes."""
    return Key(*GRADIENTS[key.name], key.layer)


def step_of(case: Case, key: Key, trace: Trace) -> np.ndarray:
    """w − w′."""
    return _first(case.before, key) - _first(trace, key)


def _step_bound(case: Case, key: Key, trace: Trace, step: np.ndarray) -> np.ndarray:
    return update_bound(_first(trace, key), step, rounding(case))


def rounding(case: Case) -> Precision:
    """That of both sides, for numbers of the case's type."""
    precision = PRECISIONS[case.x.dtype.name]
    return precision + precision


def _first(of: object, key: Key) -> np.ndarray:
    return np.asarray(tensor(of, key)[0], np.float64)  # type: ignore[arg-type]


class Gradient(NamedTuple):
    """∇b or ∇w of a layer (n_out,) or (n_out, n_in), and how far rounding in the way it is shown may have taken it."""

    value: np.ndarray
    noise: float


def gradients(case: Case, trace: Trace) -> dict[Key, Gradient]:
    """∇b and ∇w of each layer, under their own keys: as they are shown, or else as (w − w′)/η."""
    found = {}
    for l in range(case.L, 0, -1):
        for name in GRADIENTS:
            update = Key("SGD", name, l)
            if find(trace, nabla := gradient_of(update)) is not None:
                found[nabla] = Gradient(_first(trace, nabla), 0.0)
            elif find(trace, update) is not None and case.eta and _kept_its_shape(case, update, trace):
                noise = 4 * rounding(case).u * float(np.abs(_first(case.before, update)).max()) / abs(case.eta)
                found[nabla] = Gradient(step_of(case, update, trace) / case.eta, noise)
    return found
