"""Published beside ours: mean, spread and range over the seeds, and whether the one lies within the other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from statistics import mean, stdev

from rich.box import SIMPLE_HEAD
from rich.table import Table

from compare.reproduce.curves import Curves
from compare.reproduce.published import NETWORKS, Published

SIDES = ("torch_ref", "scratch")


def table(curves: Curves) -> Table:
    """A row for each network, with the side or sides that there are curves of."""
    made = Table(title="accuracy on test data", title_justify="left", caption_justify="left", box=SIMPLE_HEAD)
    for name in ("network", "figure", "published", *SIDES, "published lies"):
        made.add_column(name)
    for network in NETWORKS:
        figures = {side: figures_of(network, curves, side) for side in SIDES}
        at = "best epoch" if network.at_its_best else "last epoch"
        ours = [_text(of_side) for of_side in figures.values()]
        made.add_row(network.name, at, network.text, *ours, place(network, list(chain(*figures.values()))))
    made.caption = "mean ± standard deviation (lowest to highest) over the seeds. Published: the best of three runs."
    return made


def figures_of(network: Published, curves: Curves, side: str) -> list[float]:
    """The figure that was published, of each seed's run."""
    return [network.figure(curve) for curve in curves.of(network.name, side)]


def place(network: Published, figures: Sequence[float]) -> str:
    """Where the published figure lies, seen from ours."""
    if not figures:
        return ""
    if network.low > max(figures):
        return "above all of ours"
    if network.high < min(figures):
        return "below all of ours"
    return "within ours"


def _text(figures: Sequence[float]) -> str:
    if len(figures) < 2:
        return "".join(f"{figure:.2%}" for figure in figures)
    return f"{mean(figures):.2%} ± {100 * stdev(figures):.2f} ({min(figures):.2%} to {max(figures):.2%})"
