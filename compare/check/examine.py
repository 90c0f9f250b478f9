"""The examination: an implementation is asked about every case, and each function is judged by what it shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

import numpy as np

from compare.check.cases import cases
from compare.check.extremes import Cases, apart
from compare.check.kept import kept
from compare.check.readings import Reading, readings, with_shared
from compare.check.subject import FORWARD, GRADIENT, SHOWN_BY, UPDATE, Subject
from compare.diagnosis.case import Case, Fault, Observed
from compare.diagnosis.judging import Judged, judge
from compare.key import Key
from compare.power import Power
from compare.verdict import Divergence


@dataclass
class Part:
    """What one function shows, judged: under the reading that fits, or under the stated one if none does."""

    function: str
    reading: Reading
    fits: bool
    absolute: bool
    judged: dict[str, Judged]

    @property
    def worst(self) -> dict[Key, float]:
        """The largest r of each quantity, by its layer in the first case."""
        found: dict[Key, float] = {}
        for judged in self.judged.values():
            for key, r in judged.worst.items():
                if key.name in SHOWN_BY[self.function]:
                    found[key] = max(found.get(key, 0.0), r)
        return found

    def wrong(self, name: str) -> list[Key]:
        """What is wrong in the case of that name."""
        return self.judged[name].wrong(SHOWN_BY[self.function])

    @property
    def divergence(self) -> tuple[str, Divergence] | None:
        """The first case with a divergence, and the divergence."""
        for name, judged in self.judged.items():
            for key in self.wrong(name):
                if divergence := judged.divergence(key):
                    return name, divergence
        return None


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
        dtypes = {case.x.dtype.name for case, _ in asked}
        return (
            bool(self.wrong)
            and dtypes == {"float64"}
            and not any(judge(case, observed, single=True).wrong() for case, observed in asked)
        )

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
) -> Examination:
    """Ask about every case, and judge what came."""
    asked = {name: (case, subject.observe(case)) for name, case in cases(seed, L, stated, dtype, biased).items()}
    asked, overflowing = apart(asked)
    found = Examination(stated, asked, strict=strict, overflowing=overflowing)
    found.faults = _distinct(fault for _, observed in asked.values() for fault in observed.faults)
    found.faults += kept(subject, *asked["batch"])
    judge_all = Judging(asked)
    for function in (FORWARD, GRADIENT, UPDATE):
        if any(key.name in SHOWN_BY[function] for _, observed in asked.values() for key in observed.shown()):
            found.parts[function] = judge_all.part(function, stated)
    first = next((name for name, (_, observed) in asked.items() if observed.shown()), "batch")
    powers = judge_all.judged(stated, first).powers()
    found.powers = {key: power for key, power in powers.items() if np.isfinite(power.smallest)}
    return found


class Judging:
    """The cases under every reading and sigmoid, each judged once; the gradient before the update."""

    def __init__(self, asked: Cases) -> None:
        self.asked = asked
        self.gradient: Reading | None = None  # the cost that it is of, where that is known
        self._judged: dict[tuple[Reading, str, bool, bool], Judged] = {}

    def judged(self, reading: Reading, name: str, absolute: bool = False, own: bool = True) -> Judged:
        """The case of that name; ``own``: its update held against the gradient that is shown."""
        at = (reading, name, absolute, own)
        if at not in self._judged:
            case, observed = reading.asked([self.asked[name]])[0]
            self._judged[at] = judge(case, observed, absolute=absolute, own=own)
        return self._judged[at]

    def part(self, function: str, stated: Reading) -> Part:
        """What one function shows, under the first reading that fits."""
        for reading, absolute, own in product(self._readings(function, stated), (False, True), (True, False)):
            if own or function == UPDATE:
                part = self._under(function, reading, absolute, own)
                if part.fits:
                    self.gradient = reading if function == GRADIENT else self.gradient
                    return part
        return self._under(function, stated, False, True)

    def _readings(self, function: str, stated: Reading) -> list[Reading]:
        """Those that may fit; mostly the first case is enough to tell."""
        if function == FORWARD:
            return [stated]
        found = with_shared(readings(stated, (1, -1))) if function == GRADIENT else readings(stated, (1,))
        if function == UPDATE and self.gradient:
            found = [replace(r, sign=self.gradient.sign) for r in found if r.factor == self.gradient.factor]
        return [reading for reading in found if self._may_fit(function, reading)]

    def _may_fit(self, function: str, reading: Reading) -> bool:
        """A negated gradient is right only with an update that is shown to add it."""
        if reading.sign < 0 and not any(key.name in SHOWN_BY[UPDATE] for key in self.asked["batch"][1].shown()):
            return False
        names = SHOWN_BY[function] + (SHOWN_BY[UPDATE] if reading.sign < 0 else ())
        ways = (True, False) if function == UPDATE else (True,)
        return not all(self.judged(reading, "batch", True, own).wrong(names) for own in ways)

    def _under(self, function: str, reading: Reading, absolute: bool, own: bool) -> Part:
        judged = {name: self.judged(reading, name, absolute, own) for name in self.asked}
        fits = not any(one.wrong(SHOWN_BY[function]) for one in judged.values())
        return Part(function, reading, fits, absolute, judged)


def _distinct(faults: Iterable[Fault]) -> list[Fault]:
    """Each kind of fault of each function once: the first case that it came up in."""
    found: dict[tuple[str, str], Fault] = {}
    for fault in faults:
        found.setdefault((fault.kind, fault.function), fault)
    return list(found.values())


def failing_cases(examination: Examination) -> list[str]:
    """The names of the cases in which some function is wrong."""
    return [
        name
        for name in examination.asked
        if any(part.wrong(name) for part in examination.parts.values() if not part.fits)
    ] or ([next(iter(examination.asked))] if examination.wrong else [])
