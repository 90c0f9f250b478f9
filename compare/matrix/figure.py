"""Owns the picture of the matrix: for each check how much right code it rejects, and how much wrong code it accepts."""

from __future__ import annotations

import math
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

from compare.matrix.cases import DTYPES, SIZES, SIZES_OF_BATCHES
from compare.matrix.matrix import NOT_TRIED, OURS, SLOW_EVERY
from compare.matrix.peers import PEERS
from compare.matrix.tally import Tally
from compare.report.whole import pyplot, write_png

PANELS = (
    ("false alarms: right code rejected", "correct", "rejected", "#b35c00"),
    ("misses: wrong gradients accepted", "gradient", "accepted", "#a3123a"),
)
DOUBT, INK, FAINT, BAND = "#9aa0a6", "#1f2328", "#6e7781", "#e4f4e8"
GROUPS = {
    "compare.matrix.comparisons": "against autograd:",
    "compare.matrix.differences": "against differences:",
}
SHADE = {"float64": 1.0, "float32": 0.45}
HEIGHT = 0.36


def draw(tally: Tally, path: Path) -> None:
    """Write it as PNG, on white, wide enough for a README; all of it or no file."""
    rows, headings = layout([name for name in tally.checks() if name != NOT_TRIED])
    height = 1.75 + 0.4 * (max(rows.values()) + 1)
    figure, axes = pyplot().subplots(1, 2, figsize=(11, height), sharey=True, facecolor="white")
    for axis, panel in zip(axes, PANELS, strict=True):
        _panel(axis, tally, rows, *panel)
    _labels(axes[0], rows, headings)
    figure.suptitle(headline(tally), x=0.012, y=1 - 0.12 / height, ha="left", fontsize=14, fontweight="bold", color=INK)
    figure.text(0.012, 0.1 / height, caption(tally), fontsize=8.5, color=FAINT, va="bottom", linespacing=1.45)
    figure.subplots_adjust(left=0.175, right=0.975, top=1 - 0.78 / height, bottom=0.97 / height, wspace=0.08)
    write_png(path, figure)


def layout(names: list[str]) -> tuple[dict[str, float], dict[float, str]]:
    """Where each check's bars stand, from the top down, and where the heading of each group does."""
    rows, headings = {OURS: 0.0}, {}
    for module, heading in GROUPS.items():
        group = [name for name in names if name in PEERS and PEERS[name].check.__module__ == module]
        start = max(rows.values()) + 1
        headings[start] = heading
        rows |= {name: start + 0.85 + i for i, name in enumerate(group)}
    return rows, headings


def _panel(axis: Any, tally: Tally, rows: dict[str, float], title: str, kind: str, outcome: str, color: str) -> None:
    for (name, y), (dtype, shift) in product(rows.items(), zip(DTYPES, (-HEIGHT / 2, HEIGHT / 2), strict=True)):
        wrong, doubt = (100 * tally.share(name, kind, of, dtype) for of in (outcome, "inconclusive"))
        axis.barh(y + shift, wrong, HEIGHT, color=color, alpha=SHADE[dtype])
        axis.barh(y + shift, doubt, HEIGHT, left=wrong, color=DOUBT, alpha=SHADE[dtype])
        said = _percent(wrong, doubt) + (f"  {dtype}" if name == OURS else "")
        axis.annotate(said, (wrong + doubt, y + shift), (4, 0), textcoords="offset points", va="center", fontsize=8)
    axis.set_title(title, loc="left", fontsize=11.5, color=color, fontweight="bold")
    longest = max((bar.get_x() + bar.get_width() for bar in axis.patches if bar.get_width() <= 100), default=0)
    axis.set(xlim=(0, max(10.0, 1.12 * longest)), ylim=(max(rows.values()) + 0.5, -0.5))
    axis.xaxis.set_major_formatter("{x:.0f} %")
    axis.xaxis.set_major_locator(import_module("matplotlib.ticker").MaxNLocator(4, integer=True))
    axis.tick_params(axis="x", colors=FAINT, labelsize=8)
    axis.grid(axis="x", color="#e6e8eb", linewidth=0.8)
    axis.set_axisbelow(True)
    axis.axhspan(-0.5, 0.5, color=BAND, zorder=0)
    axis.axvline(0, color=FAINT, linewidth=1)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)


def _percent(wrong: float, doubt: float) -> str:
    if math.isnan(wrong):
        return "not tried"
    text = f"{wrong:.0f} %" if wrong in (0, 100) else f"{wrong:.1f} %" if 0.1 <= wrong <= 99.9 else f"{wrong:.2f} %"
    return text + (f"  (and {doubt:.1f} % inconclusive)" if doubt else "")


def _labels(axis: Any, rows: dict[str, float], headings: dict[float, str]) -> None:
    starred = [name + (" *" if name in PEERS and PEERS[name].double else "") for name in rows]
    axis.set_yticks([*rows.values(), *headings], [*starred, *headings.values()])
    for label, name in zip(axis.get_yticklabels(), [*rows, *headings.values()], strict=True):
        label.set(fontsize=10, color=INK, fontweight="bold" if name == OURS else "normal")
        if name in headings.values():
            label.set(fontsize=9, color=FAINT, fontstyle="italic")


def headline(tally: Tally) -> str:
    """What backproof got wrong."""
    right, wrong = tally.outcomes(OURS, "correct"), tally.outcomes(OURS, "gradient")
    return (
        f"backproof rejects {right['rejected']:,} of {right.total():,} right gradients"
        f" and accepts {wrong['accepted']:,} of {wrong.total():,} wrong ones"
    )


def caption(tally: Tally) -> str:
    """What was tried, and what the marks mean."""
    right, wrong = (len({t.program for t in tally.trials if t.kind == kind}) for kind in ("correct", "gradient"))
    return (
        "Dark bars float64, light bars float32; the two scales differ.  * its documentation asks for float64.\n"
        f"Each check with its own defaults, on {right} right programs and {wrong} wrong ones; sigmoid networks"
        f" {'-'.join(map(str, SIZES))}, N(0,1), N(0,1)/√n, saturated and tiny weights,\n"
        f"MNIST pooled to 7 × 7 pixels, mini-batches of {' and '.join(map(str, SIZES_OF_BATCHES))}."
        f" Of gradcheck and scipy, which are slow, one trial in {SLOW_EVERY}."
        " Numbers: docs/matrix.csv. Again: make matrix."
    )
