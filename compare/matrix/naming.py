"""Owns the count of names: how often the diagnosis names a mistake of the bank, and two of them at once.

``python -m compare.matrix.naming`` makes every mistake, and pairs drawn at random, and writes docs/naming.csv.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.progress import track

from compare.check.cases import cases
from compare.check.derived import Derived
from compare.check.examine import examine
from compare.check.naming import diagnose
from compare.check.readings import Reading
from compare.check.subject import FORWARD, GRADIENT, UPDATE
from compare.diagnosis.derivation import Planted
from compare.diagnosis.mistake import MISTAKES, Mistake
from torch_ref.threads import one_thread

SHOWS = {
    "all": (FORWARD, GRADIENT, UPDATE),
    "gradient and update": (GRADIENT, UPDATE),
    "gradient": (GRADIENT,),
    "update": (UPDATE,),
}
FEW = 3  # names that still help


@dataclass
class Line:
    """Of the wrong programs that show a difference: those named alone, in a set of few, in a larger set, or not."""

    shows: str
    dtype: str
    kind: str
    seen: int = 0
    alone: int = 0
    few: int = 0
    many: int = 0
    missed: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Of those seen, the part that is named alone or among few; of pairs, among any."""
        named = self.alone + self.few + (self.many if self.kind == "pairs" else 0)
        return named / max(self.seen, 1)


def count(shows: str, dtype: str, made: Sequence[tuple[Mistake, ...]], seeds: int, kind: str) -> Line:
    """Diagnose each of those programs on the cases of every seed; sums and means in turn."""
    line = Line(shows, dtype, kind)
    for seed in range(seeds):
        stated = Reading(1.0, summed=bool(seed % 2))
        for mistakes in made:
            _add(line, mistakes, stated, seed)
    return line


def _add(line: Line, mistakes: tuple[Mistake, ...], stated: Reading, seed: int) -> None:
    planted = [planted for mistake in mistakes for planted in mistake.planted()]
    subject = Derived(planted, SHOWS[line.shows], deltas=False)
    examination = examine(subject, stated, seed, 3, line.dtype, strict=True)
    if examination.right:
        if not invisible(planted, line.shows, stated, seed, line.dtype):
            line.accepted.append(_name(mistakes))
        return
    line.seen += 1
    sets = [{made.mistake.name for made in hypothesis} for hypothesis in diagnose(examination, subject).hypotheses]
    if not any(names <= {mistake.name for mistake in mistakes} for names in sets):
        line.missed.append(f"{_name(mistakes)} (seed {seed})")
    elif len(sets) == 1:
        line.alone += 1
    elif len(sets) <= FEW:
        line.few += 1
    else:
        line.many += 1


def invisible(planted: Sequence[Planted], shows: str, stated: Reading, seed: int, dtype: str) -> bool:
    """Whether the mistakes change none of the numbers shown, as a sum that is divided by m where it should be."""
    wrong, right = (Derived(made, SHOWS[shows], deltas=False) for made in (planted, ()))
    for case in cases(seed, 3, stated, dtype).values():
        a, b = wrong.observe(case), right.observe(case)
        for key in b.shown():
            x, y = (
                getattr(o.trace.after if key.equation == "SGD" else o.trace, key.name)[key.layer - 1] for o in (a, b)
            )
            if not np.allclose(x, y, rtol=1e-4 if dtype == "float32" else 1e-9, atol=0, equal_nan=True):
                return False
    return True


def _name(mistakes: tuple[Mistake, ...]) -> str:
    return " and ".join(mistake.name for mistake in mistakes)


def drawn_pairs(number: int) -> list[tuple[Mistake, ...]]:
    """Pairs of mistakes in different equations, drawn at random."""
    rng, bank = np.random.default_rng(0), list(MISTAKES.values())
    found: list[tuple[Mistake, ...]] = []
    while len(found) < number:
        a, b = (bank[k] for k in rng.choice(len(bank), 2, replace=False))
        if not set(a.equations) & set(b.equations):
            found.append((a, b))
    return found


def rows(lines: Sequence[Line]) -> Iterator[list[object]]:
    """The table, with its head."""
    yield ["kind", "shows", "dtype", "seen", "alone", f"among {FEW}", "among more", "not named", "accepted", "share"]
    for line in lines:
        numbers = [line.seen, line.alone, line.few, line.many, len(line.missed), len(line.accepted)]
        yield [line.kind, line.shows, line.dtype, *numbers, f"{line.share:.4f}"]


def main() -> None:
    """Count, print the table and what was not named, and write the table."""
    options = argparse.ArgumentParser(description="How often a mistake is named.")
    options.add_argument("--seeds", type=int, default=2)
    options.add_argument("--pairs", type=int, default=200)
    options.add_argument("--out", type=Path, default=Path("docs/naming.csv"))
    arguments = options.parse_args()
    alone: list[tuple[Mistake, ...]] = [(mistake,) for mistake in MISTAKES.values()]
    jobs = [(shows, "float64", alone, arguments.seeds, "single") for shows in SHOWS]
    jobs += [("all", "float32", alone, arguments.seeds, "single")]
    jobs += [("all", "float64", drawn_pairs(arguments.pairs), 1, "pairs")]
    with one_thread():
        lines = [count(*job) for job in track(jobs, "naming mistakes", transient=True)]
    table = list(rows(lines))
    with arguments.out.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(table)
    for row in table:
        print("  ".join(f"{value!s:>10}" for value in row))
    for line in lines:
        for what, names in (("not named", line.missed), ("accepted", line.accepted)):
            for name in names:
                print(f"{line.shows}, {line.dtype}, {what}: {name}")


if __name__ == "__main__":
    main()
