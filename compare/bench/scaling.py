"""How the cost of one SGD step grows with width, depth and mini-batch, by NumPy and by torch, and where they cross."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from compare.bench.peers import STEPS, Task, by_hand_and_eager
from compare.bench.timing import in_turns
from compare.report.whole import pyplot, write_csv, write_png
from torch_ref.threads import one_thread

# By what grows: its values, and the network and mini-batch that each stands for.
SCALES: dict[str, dict[int, tuple[tuple[int, ...], int]]] = {
    "neurons in the hidden layer": {n: ((784, n, 10), 10) for n in (10, 30, 100, 300, 1000)},
    "hidden layers of 30": {d: ((784, *[30] * d, 10), 10) for d in (1, 2, 4, 8, 16)},
    "examples in a mini-batch": {m: ((784, 30, 10), m) for m in (1, 10, 100, 1000)},
}
COLUMNS = ("what grows", "value", "by", "microseconds a step")
COLORS = {"scratch": "#1a7f37", "torch eager": "#b35c00"}
MOST_EXAMPLES = 10_000  # of a task


@dataclass(frozen=True)
class Point:
    """Microseconds of one step by each, where ``what`` is ``value``."""

    what: str
    value: int
    by: dict[str, float]


def measure(rounds: int = 7) -> Iterator[Point]:
    """Every point, in float32 and one thread."""
    with one_thread():
        for what, values in SCALES.items():
            for value, (sizes, m) in values.items():
                task = Task.random(sizes, m, steps=min(STEPS, MOST_EXAMPLES // m))
                seconds = in_turns(by_hand_and_eager(task), rounds, calls=1)
                yield Point(what, value, {name: 1e6 * median(of) / task.steps for name, of in seconds.items()})


def crossing(points: Sequence[Point], one: str = "scratch", other: str = "torch eager") -> float | None:
    """The value from which on the other is faster, on a line between two points as drawn; None if it never is."""
    for a, b in pairwise(points):
        before, after = (math.log(p.by[other] / p.by[one]) for p in (a, b))
        if before > 0 >= after:
            return float(a.value * (b.value / a.value) ** (before / (before - after)))
    return None


def by_what(points: Sequence[Point]) -> dict[str, list[Point]]:
    """The points of each thing that grows."""
    return {what: [p for p in points if p.what == what] for what in SCALES}


def write(points: Sequence[Point], path: Path) -> None:
    """The points as CSV."""
    rows = ((p.what, p.value, name, f"{us:.1f}") for p in points for name, us in p.by.items())
    write_csv(path, COLUMNS, rows)


def draw(points: Sequence[Point], path: Path) -> None:
    """The points as PNG, both axes logarithmic, with where the two cross."""
    figure, axes = pyplot().subplots(1, len(SCALES), figsize=(11, 3.6), sharey=True, facecolor="white")
    for axis, (what, of) in zip(axes, by_what(points).items(), strict=True):
        for name, color in COLORS.items():
            axis.plot([p.value for p in of], [p.by[name] for p in of], "o-", color=color, label=name)
        if (at := crossing(of)) is not None:
            axis.axvline(at, color="#6e7781", linestyle=":", label=f"torch is faster from {at:.0f} on")
        axis.set(xscale="log", yscale="log", xlabel=what)
        axis.grid(which="major", color="#e6e8eb")
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(frameon=False, fontsize=9)
    axes[0].set_ylabel("microseconds a step")
    figure.suptitle("one SGD step, 784-30-10 and m = 10 but for what grows, float32, one thread", x=0.01, ha="left")
    figure.tight_layout()
    write_png(path, figure)
