"""Holds what an implementation shows of a case against autograd, by the bound that the main job is held to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from compare.diagnosis.autograd import bounds_of, expect
from compare.diagnosis.case import Case, Observed
from compare.key import Key, find, tensor
from compare.power import Power
from compare.precision import PRECISIONS, Precision
from compare.ratio import Comparison, update_bound
from compare.tolerance import SIGMOID_ROUNDINGS
from compare.verdict import Divergence, Outcome, locate


@dataclass(frozen=True)
class Judged:
    """The ratio r of every quantity that is shown: at most 1 is what rounding can do.

    differences  of each quantity: what is shown, what is expected, and the bound on the difference
    """

    worst: dict[Key, float]
    differences: dict[Key, tuple[np.ndarray, np.ndarray, np.ndarray]]

    def wrong(self, names: Collection[str] | None = None) -> list[Key]:
        """The quantities, of those names if given, that rounding does not explain, in the order of computation."""
        return [key for key, r in self.worst.items() if (names is None or key.name in names) and not r <= 1]

    @property
    def outcome(self) -> Outcome:
        """Match or mismatch; it takes more than one case to say that too little could be seen."""
        return Outcome.MISMATCH if self.wrong() else Outcome.MATCH

    def divergence(self, key: Key) -> Divergence | None:
        """The worst element of a quantity that is wrong."""
        return locate(key, 0, *self.differences[key])

    def powers(self) -> dict[Key, Power]:
        """What the checks of gradients and updates could have seen."""
        found = {key: Power() for key in self.worst if key.equation in ("BP3", "BP4", "SGD")}
        for key, power in found.items():
            _, expected, allowed = self.differences[key]
            with np.errstate(all="ignore"):
                power.add(expected, allowed, most=key.equation != "SGD")
        return found


def judge(
    case: Case, observed: Observed, *, absolute: bool = False, own: bool | None = None, single: bool = False
) -> Judged:
    """The verdict on the quantities that are shown.

    w′ has to be w − η∇C with the gradient that the implementation itself shows (``own``), or with the right one (not
    ``own``): the one that fits better, if nothing is said, but the same for every layer.

    ``absolute`` allows a sigmoid that is good to an absolute error of a few units roundoff only, as ½(1 + tanh(z/2))
    is, where others are good to a relative one. ``single`` allows float32's rounding, whatever the dtype is.
    """
    both = roundings(case.x.dtype.name, absolute=absolute, single=single)
    expected, bound = expect(case), bounds_of(case, both)
    compared = Comparison(case.before, observed.trace, expected, bound, case.eta, both)
    with np.errstate(all="ignore"):
        ways = [_differences(compared, way) for way in ((True, False) if own is None else (own,))]
        judged = [Judged({key: _ratio(*difference) for key, difference in way.items()}, way) for way in ways]
        return min(judged, key=_of_updates)


def roundings(dtype: str, *, absolute: bool = False, single: bool = False) -> Precision:
    """Those of both sides: autograd's, and those that ``judge`` allows to an implementation."""
    precision = PRECISIONS[dtype]
    actual = with_absolute_sigmoid(PRECISIONS["float32"] if single else precision) if absolute or single else precision
    return actual + precision


def with_absolute_sigmoid(precision: Precision) -> Precision:
    """The same rounding, and a σ that may be off by as much where it is small as where it is 1."""
    return replace(precision, sigmoid=(SIGMOID_ROUNDINGS + 2) * precision.u)


Difference = tuple[np.ndarray, np.ndarray, np.ndarray]


def _of_updates(judged: Judged) -> float:
    return max((r for key, r in judged.worst.items() if key.equation == "SGD"), default=0)


def _differences(compared: Comparison, own: bool) -> dict[Key, Difference]:
    shown = Observed(compared.actual).shown()
    return {key: _update(compared, key, own=own) if key.equation == "SGD" else _element(compared, key) for key in shown}


def _element(compared: Comparison, key: Key) -> Difference:
    actual, expected = tensor(compared.actual, key)[0], tensor(compared.expected, key)[0]
    return np.asarray(actual, np.float64), np.asarray(expected, np.float64), compared.bound.at(key, 0)


def _update(compared: Comparison, key: Key, *, own: bool) -> Difference:
    """w′ beside w − η∇C, with the implementation's own gradient, if it shows it, or with the right one."""
    nabla = Key(*(("BP4", "nabla_w") if key.name == "weights" else ("BP3", "nabla_b")), key.layer)
    w, after = tensor(compared.before, key)[0], np.asarray(tensor(compared.actual, key)[0], np.float64)
    shown = find(compared.actual, nabla) if own else None
    step = compared.eta * (tensor(compared.expected, nabla) if shown is None else shown)[0]
    allowed = update_bound(after, step, compared.precision) + compared.eta * compared.bound.at(nabla, 0)
    return after, w - step, allowed


def _ratio(actual: np.ndarray, expected: np.ndarray, allowed: np.ndarray) -> float:
    """The largest difference in units of its bound."""
    if (r := (np.abs(actual - expected) / allowed).max(initial=0)) <= 1:  # nearly always; not where one is no number
        return float(r)
    return float(ratios(actual, expected, allowed).max(initial=0))


def ratios(actual: np.ndarray, expected: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Every difference in units of its bound; ∞ where one of them is no number."""
    r = np.where(actual == expected, 0, np.abs(actual - expected) / allowed)
    return np.where(np.isnan(r), np.inf, r)
