"""The accuracy on test data after each epoch, of one network after another, kept in a file as they come in.

The file is CSV: network, side, seed, and an accuracy for each epoch. What it has already is not trained again.
"""

from __future__ import annotations

import csv
from pathlib import Path

from compare.report.whole import write_csv

Key = tuple[str, str, int]  # network, side, seed


class Curves:
    """The curves that there are so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._curves: dict[Key, list[float]] = {}
        if path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                rows = list(csv.reader(file))[1:]
            self._curves = {(network, side, int(seed)): [float(a) for a in row] for network, side, seed, *row in rows}

    def __contains__(self, key: Key) -> bool:
        return key in self._curves

    def add(self, network: str, side: str, seed: int, accuracies: list[float]) -> None:
        """Keep one more, on the disk at once."""
        self._curves[network, side, seed] = accuracies
        self.write(self.path)

    def of(self, network: str, side: str) -> list[list[float]]:
        """Those of every seed."""
        return [curve for (n, s, _), curve in self._curves.items() if (n, s) == (network, side)]

    def write(self, path: Path) -> None:
        """All of them; the file is whole at every moment."""
        epochs = max((len(curve) for curve in self._curves.values()), default=0)
        columns = ["network", "side", "seed", *(f"epoch {e}" for e in range(1, epochs + 1))]
        write_csv(path, columns, ([*key, *(f"{a:.4f}" for a in curve)] for key, curve in sorted(self._curves.items())))
