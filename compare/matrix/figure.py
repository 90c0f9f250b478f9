"""Owns the picture of the matrix: for each check how much right code it rejects, and how much wrong code it accepts."""

from __future__ import annotations

import math
import os
from importlib import import_module
from pathlib import Path
from typing import Any

from compare.matrix.cases import DTYPES, SIZES, SIZES_OF_BATCHES
from compare.matrix.matrix import NOT_TRIED, OURS, SLOW_EVERY
from compare.matrix.peers import PEERS
from compare.matrix.tally import Tally

PANELS = (
    ("false alarms: right code rejected", "correct", "rejected", "#b35c00"),
    ("misses: wrong gradients accepted", "gradient", "accepted", "#a3123a"),
)
DOUBT, INK, FAINT, BAND = "#9aa0a6", "#1f2328", "#6e7781", "#e4f4e8"
SHADE = {"float64": 1.0, "float32": 0.45}
HEIGHT = 0.36


def draw(tally: Tally, path: Path) -> None:
    """Write it as PNG, on white, wide enough for a README; all of it or no file."""
    import_module("matplotlib").use("Agg")  # an extra: the counts do without it
    plt = import_module("matplotlib.pyplot")

    names = [name for name in tally.checks() if name != NOT_TRIED]
    figure, axes = plt.subplots(1, 2, figsize=(11, 1.9 + 0.46 * len(names)), sharey=True, facecolor="white")
    for axis, panel in zip(axes, PANELS, strict=True):
        _panel(axis, tally, names, *panel)
    _labels(axes[0], names)
    figure.suptitle(headline(tally), x=0.012, y=0.985, ha="left", fontsize=14, fontweight="bold", color=INK)
    figure.text(0.012, 0.012, caption(tally), fontsize=8.5, color=FAINT, va="bottom", linespacing=1.45)
    figure.subplots_adjust(
        left=0.185, right=0.965, top=1 - 1.0 / figure.get_figheight(), wspace=0.13, bottom=1.15 / figure.get_figheight()
    )
    unfinished = path.with_suffix(".unfinished")
    figure.savefig(unfinished, dpi=150, format="png")
    plt.close(figure)
    os.replace(unfinished, path)


def _panel(axis: Any, tally: Tally, names: list[str], title: str, kind: str, outcome: str, color: str) -> None:
    for y, name in enumerate(names):
        for dtype, at in zip(DTYPES, (y - HEIGHT / 2, y + HEIGHT / 2), strict=True):
            wrong, doubt = (100 * tally.share(name, kind, of, dtype) for of in (outcome, "inconclusive"))
            axis.barh(at, wrong, HEIGHT, color=color, alpha=SHADE[dtype])
            axis.barh(at, doubt, HEIGHT, left=wrong, color=DOUBT, alpha=SHADE[dtype])
            axis.text(wrong + doubt + 1, at, _percent(wrong, doubt), va="center", fontsize=8, color=INK)
    axis.axhspan(names.index(OURS) - 0.5, names.index(OURS) + 0.5, color=BAND, zorder=0)
    axis.set_title(title, loc="left", fontsize=11.5, color=color, fontweight="bold")
    axis.set(xlim=(0, 109), ylim=(len(names) - 0.5, -0.5), xticks=[])
    axis.tick_params(length=0)
    axis.axvline(0, color=FAINT, linewidth=1)
    for side in ("top", "right", "bottom", "left"):
        axis.spines[side].set_visible(False)


def _percent(wrong: float, doubt: float) -> str:
    if math.isnan(wrong):
        return "not tried"
    text = "0" if wrong == 0 else ("< 1 %" if wrong < 1 else f"{wrong:.0f} %")
    return text + (f"  (and {doubt:.0f} % inconclusive)" if doubt else "")


def _labels(axis: Any, names: list[str]) -> None:
    axis.set_yticks(
        range(len(names)), [name + (" *" if name in PEERS and PEERS[name].double else "") for name in names]
    )
    for label, name in zip(axis.get_yticklabels(), names, strict=True):
        label.set(fontsize=10, color=INK, fontweight="bold" if name == OURS else "normal")


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
        "Dark bars float64, light bars float32.  * its documentation asks for float64.\n"
        f"Each check with its own defaults, on {right} right programs and {wrong} wrong ones; sigmoid networks"
        f" {'-'.join(map(str, SIZES))}, N(0,1), N(0,1)/√n, saturated and tiny weights,\n"
        f"MNIST pooled to 7 × 7 pixels, mini-batches of {' and '.join(map(str, SIZES_OF_BATCHES))}."
        f" gradcheck, slow to run, meets one in {SLOW_EVERY}. Numbers: docs/matrix.csv. Again: make matrix."
    )
