"""The parts of an examination: what one function shows, judged under the first reading of its cost that fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from compare.check.extremes import Cases
from compare.check.readings import Reading, readings, with_shared
from compare.check.subject import FORWARD, GRADIENT, SHOWN_BY, UPDATE
from compare.diagnosis.case import Case, Observed
from compare.diagnosis.judging import Judged, judge
from compare.key import Key
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


def wrong_about(case: Case, observed: Observed, parts: Iterable[Part]) -> list[str]:
    """The functions, of those parts, that are wrong about another case, each under the reading of its part."""
    parts = list(parts)
    readings_ = {part.reading for part in parts}
    judged = {reading: judge(*reading.asked([(case, observed)])[0], absolute=True) for reading in readings_}
    return [part.function for part in parts if judged[part.reading].wrong(SHOWN_BY[part.function])]


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
        for reading in self._readings(function, stated):
            for absolute, own in product((False, True), (True, False) if function == UPDATE else (True,)):
                if self._fits(function, reading, absolute, own):
                    self.gradient = reading if function == GRADIENT else self.gradient
                    return self._under(function, reading, True, absolute, own)
        return self._under(function, stated, False)

    def _readings(self, function: str, stated: Reading) -> Iterator[Reading]:
        """Those that may fit; mostly the first case is enough to tell, and the first reading does."""
        if function == FORWARD:
            yield stated
            return
        found = with_shared(readings(stated, (1, -1))) if function == GRADIENT else readings(stated, (1,))
        if function == UPDATE and self.gradient:
            found = [replace(r, sign=self.gradient.sign) for r in found if r.factor == self.gradient.factor]
            own = replace(self.gradient, shared=False)
            found.sort(key=lambda reading: reading != own)  # its own cost first
        yield from (reading for reading in found if self._may_fit(function, reading))

    def _may_fit(self, function: str, reading: Reading) -> bool:
        """A negated gradient is right only with an update that is shown to add it."""
        if reading.sign < 0 and not any(key.name in SHOWN_BY[UPDATE] for key in self.asked["batch"][1].shown()):
            return False
        if function == GRADIENT and reading.sign < 0 and not self._adds(reading):
            return False
        ways = (True, False) if function == UPDATE else (True,)
        return not all(self.judged(reading, "batch", True, own).wrong(SHOWN_BY[function]) for own in ways)

    def _adds(self, reading: Reading) -> bool:
        """Whether the update adds the negated gradient, be it that of the sum or of the mean."""
        costs = [replace(reading, summed=summed) for summed in (reading.summed, not reading.summed)]
        ways = product(costs, (True, False))
        return not all(self.judged(cost, "batch", True, own).wrong(SHOWN_BY[UPDATE]) for cost, own in ways)

    def _fits(self, function: str, reading: Reading, absolute: bool, own: bool) -> bool:
        """Whether no case is wrong; after the first that is, none is judged."""
        judged = (self.judged(reading, name, absolute, own) for name in self.asked)
        return not any(one.wrong(SHOWN_BY[function]) for one in judged)

    def _under(self, function: str, reading: Reading, fits: bool, absolute: bool = False, own: bool = True) -> Part:
        judged = {name: self.judged(reading, name, absolute, own) for name in self.asked}
        return Part(function, reading, fits, absolute, judged)
