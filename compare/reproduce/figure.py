"""Owns the picture of the learning curves: a panel for each network, a line for each seed, and what was published."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from compare.report.whole import pyplot, write_png
from compare.reproduce.curves import Curves
from compare.reproduce.published import NETWORKS, Published
from compare.reproduce.table import SIDES

COLOURS = dict(zip(SIDES, ("#b35c00", "#0b5cad"), strict=True))
INK, BAND = "#1f2328", "#2e7d4f"


def draw(curves: Curves, path: Path) -> None:
    """Write it as PNG, on white, wide enough for a README; all of it or no file."""
    figure, axes = pyplot().subplots(1, len(NETWORKS), figsize=(14, 3.9), facecolor="white")
    for axis, network in zip(axes, NETWORKS, strict=True):
        _panel(axis, network, curves)
    axes[0].set_ylabel("accuracy on test data", color=INK)
    handles = {label: handle for axis in axes for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles.keys(), loc="lower center", ncols=len(handles), frameon=False)
    figure.tight_layout(rect=(0, 0.08, 1, 1))
    write_png(path, figure)


def _panel(axis: Any, network: Published, curves: Curves) -> None:
    last, lowest = 1, network.low
    for side, colour in COLOURS.items():
        for curve in curves.of(network.name, side):
            axis.plot(range(1, len(curve) + 1), curve, color=colour, alpha=0.45, linewidth=0.9, label=side)
            last, lowest = max(last, len(curve)), min(lowest, curve[min(1, len(curve) - 1)])
    axis.axhspan(network.low, network.high, color=BAND, alpha=0.5, linewidth=2, label="published", zorder=3)
    axis.set_title(network.name, loc="left", fontsize=11, fontweight="bold", color=INK)
    axis.set_xlabel("epoch", color=INK)
    axis.set_xlim(0, last + 1)
    axis.set_ylim(lowest - 0.005, None)
    axis.yaxis.set_major_formatter(import_module("matplotlib.ticker").PercentFormatter(1, decimals=None))
    axis.spines[["top", "right"]].set_visible(False)
