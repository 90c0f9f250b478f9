"""The examination: an implementation is asked about every case, and each function is judged by what it shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from compare.check.cases import cases
from compare.check.extremes import Cases, apart
from compare.check.kept import kept, stale
from compare.check.parts import Judging, Part
from compare.check.readings import Reading
from compare.check.subject import FORWARD, GRADIENT, SHOWN_BY, UPDATE, Subject
from compare.diagnosis.case import Case, Fault, Observed
from compare.diagnosis.judging import judge
from compare.key import Key
from compare.power import Power

OF_SINGLE = 1e-3  # of float32's bound: its rounding takes more of it, and a difference quotient in float64 less


@dataclass
class Examination:
    """All that was asked, what came, and how it is judged."""

    stated: Reading
    asked: Cases
    parts: dict[str, Part] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    powers: dict[Key, Power] = field(default_factory=dict)
    strict: bool = False
    overflowing: list[tuple[str, str]] = field(default_factory=list)  # a function, and what it does where e⁻ᶻ overflows

    @property
    def wrong(self) -> list[str]:
        """The functions that are; with ``strict``, those that mean another cost than the stated one, too."""
        parts = self.parts.items()
        return [name for name, part in parts if not part.fits or (self.strict and part.reading != self.stated)]

    @cached_property
    def of_single_precision(self) -> bool:
        """Whether all that is wrong in float64 is what float32's rounding makes of what is right."""
        asked = [(case, observed) for case, observed in self.asked.values() if observed.shown()]
        if not self.wrong or {case.x.dtype.name for case, _ in asked} != {"float64"}:
            return False
        judged = [judge(case, observed, single=True) for case, observed in asked]
        worst = max(max(one.worst.values()) for one in judged)
        return worst >= OF_SINGLE and not any(one.wrong() for one in judged)

    @property
    def right(self) -> bool:
        """No function is wrong, and none did anything wrong beside its numbers."""
        return not self.faults and not self.wrong

    def meant(self, name: str) -> tuple[Case, Observed]:
        """The case of that name, with δ of one example where it is found to come divided by m."""
        gradient, asked = self.parts.get(GRADIENT), self.asked[name]
        return gradient.reading.asked([asked])[0] if gradient and gradient.reading.shared else asked


def examine(
    subject: Subject,
    stated: Reading,
    seed: int,
    L: int,
    dtype: str = "float64",
    biased: bool = True,
    strict: bool = False,
    large: bool = True,
) -> Examination:
    """Ask about every case, and judge what came."""
    possible = cases(seed, L, stated, dtype, biased, large)
    asked = {name: (case, subject.observe(case)) for name, case in possible.items()}
    asked, overflowing = apart(asked)
    found = Examination(stated, asked, strict=strict, overflowing=overflowing)
    found.faults = _distinct(fault for _, observed in asked.values() for fault in observed.faults)
    found.faults += kept(subject, *asked["batch"])
    judge_all = Judging(asked)
    for function in (FORWARD, GRADIENT, UPDATE):
        if any(key.name in SHOWN_BY[function] for _, observed in asked.values() for key in observed.shown()):
            found.parts[function] = judge_all.part(function, stated)
    found.faults = _distinct([*found.faults, *stale(subject, asked["batch"][0], found.parts)])
    first = next((name for name, (_, observed) in asked.items() if observed.shown()), "batch")
    powers = judge_all.judged(stated, first).powers()
    found.powers = {key: power for key, power in powers.items() if np.isfinite(power.smallest)}
    return found


def _distinct(faults: Iterable[Fault]) -> list[Fault]:
    """Each kind of fault of each result of each function once: the first case that it came up in."""
    found: dict[tuple[str, str, str], Fault] = {}
    for fault in faults:
        found.setdefault((fault.kind, fault.function, fault.tensor.partition("[")[0]), fault)
    return list(found.values())


def failing_cases(examination: Examination) -> list[str]:
    """The names of the cases in which some function is wrong."""
    return [
        name
        for name in examination.asked
        if any(part.wrong(name) for part in examination.parts.values() if not part.fits)
    ] or ([next(iter(examination.asked))] if examination.wrong else [])
