"""The verdict on a run: match, mismatch or inconclusive, with the first divergence and the power of the checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from compare.key import Key
from compare.power import Power
from compare.ratio import Ratios


class Outcome(Enum):
    """The three values of a verdict, each with its exit code."""

    MATCH = "match"
    MISMATCH = "mismatch"
    INCONCLUSIVE = "inconclusive"

    @property
    def exit_code(self) -> int:
        """0, 1 or 3; 2 is for a run that could not be made."""
        return {"match": 0, "mismatch": 1, "inconclusive": 3}[self.value]


@dataclass(frozen=True)
class Divergence:
    """The first element, in the order of computation, whose difference rounding does not explain.

    ``index`` counts as the tensor does: (example, neuron) of z, a and δ, (j, k) of w_jk, (j,) of b_j.
    ``problem`` says what is wrong with a tensor that could not be compared at all.
    """

    step: int
    key: Key
    index: tuple[int, ...] | None = None
    actual: float | None = None
    expected: float | None = None
    bound: float | None = None
    problem: str | None = None

    def __str__(self) -> str:
        """One sentence."""
        if self.problem:
            return f"at step {self.step}, {self.problem}"
        return f"at step {self.step}, {self.place}, and rounding cannot explain more"

    @property
    def place(self) -> str:
        """Which element, what it is and what was expected."""
        where = f"{self.key.name}[{self.key.layer}]{list(self.index or ())}"
        return (
            f"equation {self.key.equation}, layer {self.key.layer}: {where} is {self.actual!r}, "
            f"expected {self.expected!r} to within {self.bound:.3g}"
        )


@dataclass
class Verdict:
    """What has been checked so far."""

    steps_checked: int = 0
    worst: dict[Key, float] = field(default_factory=dict)
    divergences: list[Divergence] = field(default_factory=list)
    first_doubt: Divergence | None = None
    powers: dict[Key, Power] = field(default_factory=dict)
    alarms: list[str] = field(default_factory=list)
    diverged_at: int | None = None

    @property
    def worst_ratio(self) -> float:
        """The largest r of all tensors and steps: at most 1 is what rounding can do."""
        return float(np.max([0.0, *self.worst.values()]))  # NaN if one of them is

    @property
    def first_divergence(self) -> Divergence | None:
        """The earliest of them."""
        return min(self.divergences, key=lambda divergence: divergence.step, default=None)

    @property
    def diverged(self) -> bool:
        """Training is no longer finite, on both sides and with no mistake before it that could be why."""
        return self.diverged_at is not None and self.first_divergence is None

    @property
    def outcome(self) -> Outcome:
        """Mismatch is proof; match needs every difference explained, and power to have seen one that is not."""
        if self.first_divergence:
            return Outcome.MISMATCH
        if self.diverged_at is not None or self.first_doubt or not self.steps_checked:
            return Outcome.INCONCLUSIVE
        return Outcome.INCONCLUSIVE if any(p.vacuous for p in self.powers.values()) else Outcome.MATCH

    def add(self, ratios: Ratios) -> None:
        """Take the ratios of a block into account."""
        for key, r in ratios.items():
            self.worst[key] = float(np.max([self.worst.get(key, 0.0), *r]))
        self.steps_checked += len(next(iter(ratios.values())))


def over(ratios: Ratios, limit: float) -> list[tuple[int, Key]]:
    """Every step and tensor with r > limit or no number, by step, and in a step in the order of computation."""
    places = [
        (int(k), order, key) for order, (key, r) in enumerate(ratios.items()) for k in np.flatnonzero(~(r <= limit))
    ]
    return [(k, key) for k, _, key in sorted(places)]


def locate(key: Key, step: int, actual: np.ndarray, expected: np.ndarray, allowed: np.ndarray) -> Divergence | None:
    """The worst element of a tensor in the step of that number in the run; None if each is within its bound.

    A bound that is no number bounds nothing, and a difference that is none is beyond every bound.
    """
    with np.errstate(all="ignore"):
        apart = np.where(actual == expected, 0, np.abs(actual - expected))
        r = np.where(np.isnan(apart), np.inf, apart / np.where(np.isnan(allowed), np.inf, allowed))
    index = np.unravel_index(np.argmax(r), r.shape)
    if r[index] <= 1:
        return None
    a, e, bound = float(actual[index]), float(expected[index]), float(allowed[index])
    return Divergence(step, key, tuple(int(i) for i in index), a, e, bound)
