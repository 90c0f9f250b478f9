"""Tables and pictures for docs/: a file that is whole, or the one that was there before."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path to write to; at the end, unless something went wrong, what is there takes the place of ``path``."""
    unfinished = path.with_suffix(".unfinished")
    yield unfinished
    os.replace(unfinished, path)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """The rows under their columns."""
    with whole(path) as unfinished, unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def pyplot() -> Any:
    """matplotlib's, drawing to files. It is an extra: tables do without it."""
    import_module("matplotlib").use("Agg")
    return import_module("matplotlib.pyplot")


def write_png(path: Path, figure: Any) -> None:
    """The figure, which is closed then."""
    with whole(path) as unfinished:
        figure.savefig(unfinished, dpi=150, format="png")
    pyplot().close(figure)
