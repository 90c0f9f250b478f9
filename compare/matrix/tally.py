"""Owns the counts: of each check, in each regime and dtype, what it said to which kind of code, as rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

OUTCOMES = ("rejected", "accepted", "inconclusive")
COLUMNS = ("check", "regime", "dtype", "kind", "seen", "trials", *OUTCOMES, "seconds")


class Trial(NamedTuple):
    """One check on one program in one case. ``seen``: what is wrong is in what the check looks at."""

    check: str
    regime: str
    dtype: str
    kind: str
    program: str
    seen: str
    outcome: str


@dataclass
class Tally:
    """All trials so far, and the seconds that each check took for a gradient that it sees for the first time."""

    trials: Counter[Trial] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, trials: Iterable[Trial], seconds: dict[str, float]) -> None:
        """Take the trials of one setting into account."""
        self.trials.update(trials)
        for check, spent in seconds.items():
            self.seconds[check].append(spent)

    def outcomes(self, check: str, *kinds: str, dtype: str | None = None) -> Counter[str]:
        """How often each outcome came of that check's trials with those kinds of code."""
        found: Counter[str] = Counter()
        for trial, times in self.trials.items():
            if trial.check == check and trial.kind in kinds and dtype in (None, trial.dtype):
                found[trial.outcome] += times
        return found

    def share(self, check: str, kind: str, outcome: str, dtype: str | None = None) -> float:
        """Of that check's trials with that kind of code, the part that had the outcome; NaN if there were none."""
        found = self.outcomes(check, kind, dtype=dtype)
        return found[outcome] / found.total() if found else float("nan")

    def false_alarms(self, check: str, dtype: str | None = None) -> float:
        """The part of right code that it rejects."""
        return self.share(check, "correct", "rejected", dtype)

    def misses(self, check: str, dtype: str | None = None) -> float:
        """The part of code with a wrong gradient that it accepts."""
        return self.share(check, "gradient", "accepted", dtype)

    def checks(self) -> list[str]:
        """In the order in which they came."""
        return list(dict.fromkeys(trial.check for trial in self.trials))

    def rows(self) -> list[tuple[object, ...]]:
        """A row for each check, regime, dtype and kind."""
        found: dict[tuple[str, str, str, str, str], Counter[str]] = {}
        for t, times in self.trials.items():
            found.setdefault((t.check, t.regime, t.dtype, t.kind, t.seen), Counter())[t.outcome] += times
        return [
            (*key, outcomes.total(), *(outcomes[name] for name in OUTCOMES), self.second(key[0]))
            for key, outcomes in found.items()
        ]

    def second(self, check: str) -> str:
        """The median time of a check."""
        return f"{median(self.seconds[check]):.2g}" if check in self.seconds else ""

    def by_program(self) -> list[tuple[object, ...]]:
        """A row for each check and each program."""
        found: dict[tuple[str, str, str], Counter[str]] = {}
        for t, times in self.trials.items():
            found.setdefault((t.check, t.kind, t.program), Counter())[t.outcome] += times
        return [(*key, outcomes.total(), *(outcomes[name] for name in OUTCOMES)) for key, outcomes in found.items()]
