"""Each tensor as a picture of r, the error in units of what rounding can do: one square an element."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from markupsafe import Markup, escape

from compare.grade.telling.clean import times

Cells = list[list[float | None]]

DECADES = (0, 3, 6, 9, 12)  # of r, where the colours change
LEGEND = ("within rounding", "up to 10³ times that", "up to 10⁶", "up to 10⁹", "up to 10¹²", "more", "no number")
NOTHING = len(DECADES) + 1
MOST = 40  # rows or columns; of a larger tensor, a square shows the worst of several elements
SIDE = 10  # of a square
NAMES = {  # what a tensor is called, what its rows are, and its columns
    "nabla_w": ("∂C/∂w", "to neuron", "from neuron"),
    "nabla_b": ("∂C/∂b", "", "neuron"),
    "nabla_a": ("∂C/∂a", "example", "neuron"),
    "deltas": ("δ", "example", "neuron"),
    "zs": ("z", "example", "neuron"),
    "activations": ("a", "example", "neuron"),
    "weights": ("w after the step", "to neuron", "from neuron"),
    "biases": ("b after the step", "", "neuron"),
}


@dataclass(frozen=True)
class Picture:
    """A drawing, and what can be seen there in words."""

    name: str
    drawing: Markup
    sentence: str
    right: bool


def pictures(heatmaps: dict[str, Cells]) -> list[Picture]:
    """Of every tensor that has an element."""
    return [_picture(name, cells) for name, cells in heatmaps.items() if any(cells)]


def colour(r: float | None) -> int:
    """The place of its colour in the legend."""
    if r is None:
        return NOTHING
    return 0 if r <= 1 else next((k for k, decade in enumerate(DECADES) if r <= 10.0**decade), len(DECADES))


def _picture(key: str, cells: Cells) -> Picture:
    found = re.fullmatch(r"(\w+)\[(\d+)\]", key)
    title, rows, columns = NAMES.get(found[1] if found else key, (key, "row", "column"))
    name = f"{title}, layer {found[2]}" if found and title != key else title
    sentence = _sentence(cells)
    return Picture(name, _draw(cells, rows, columns, f"{name}: {sentence}"), sentence, colour(_worst(cells)) == 0)


def _worst(cells: Cells) -> float | None:
    """None as soon as one of them is."""
    flat = [r for row in cells for r in row]
    return None if None in flat else max((r for r in flat if r is not None), default=0.0)


def _sentence(cells: Cells) -> str:
    flat = [(r, i, j) for i, row in enumerate(cells) for j, r in enumerate(row)]
    missing = sum(r is None for r, _, _ in flat)
    if missing == len(flat):
        return "no number came"
    worst, i, j = max((math.inf if math.isnan(r) else r, i, j) for r, i, j in flat if r is not None)
    wrong = sum(r is not None and r > 1 for r, _, _ in flat)
    lost = f"; no number for {missing}" if missing else ""
    if not wrong:
        return f"all {len(flat) - missing} elements within rounding{lost}"
    return f"{wrong} of {len(flat)} elements wrong, the worst at [{i}, {j}]: {times(worst)}{lost}"


def _draw(cells: Cells, rows: str, columns: str, words: str) -> Markup:
    across = max(map(len, cells))
    down_by, across_by = -(-len(cells) // MOST), -(-across // MOST)
    drawn = _blocks(cells, down_by, across_by)
    columns_drawn = max(map(len, drawn))
    width, height = SIDE * columns_drawn, SIDE * len(drawn)
    labels = _ticks(len(drawn), down_by, '<text class="y" x="-3" y="{}">{}</text>', 7.5)
    labels += _ticks(columns_drawn, across_by, '<text class="x" x="{}" y="-3">{}</text>', 5)
    axes = f'<text class="a" x="0" y="-13">{escape(columns)} →</text>'
    axes += f'<text class="a" x="{-height}" y="-18" transform="rotate(-90)">← {escape(rows)}</text>' if rows else ""
    size = f'viewBox="-28 -24 {max(width, 54) + 32} {height + 26}" style="width:{(max(width, 54) + 32) * 2:.0f}px"'
    return Markup(
        f'<svg class="heat" {size} role="img" aria-label="{escape(words)}">{labels}{axes}{_squares(drawn)}</svg>'
    )


def _blocks(cells: Cells, down: int, across: int) -> Cells:
    """The worst of each block; nothing, where nothing came for one of them."""
    if down == across == 1:
        return cells
    return [
        [_worst([row[j : j + across] for row in cells[i : i + down]]) for j in range(0, max(map(len, cells)), across)]
        for i in range(0, len(cells), down)
    ]


def _ticks(count: int, by: int, form: str, shift: float) -> str:
    every = -(-count // 8)
    return "".join(form.format(SIDE * k + shift, k * by) for k in range(0, count, every))


def _squares(cells: Cells) -> str:
    """One path a colour: a square each; a stroke through those where nothing came."""
    paths: dict[int, list[str]] = {}
    for i, row in enumerate(cells):
        for j, r in enumerate(row):
            paths.setdefault(colour(r), []).append(f"M{SIDE * j} {SIDE * i}h{SIDE}v{SIDE}h-{SIDE}z")
            if r is None:
                paths[NOTHING].append(f"l{SIDE} {SIDE}")
    return "".join(f'<path class="r{k}" d="{"".join(squares)}"/>' for k, squares in sorted(paths.items()))
