"""``make reproduce``: the networks of Nielsen's first chapter, trained again from many seeds on both sides."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from compare.reproduce import sides
from compare.reproduce.curves import Curves
from compare.reproduce.figure import draw
from compare.reproduce.published import EPOCHS, NETWORKS, Published
from compare.reproduce.table import table
from torch_ref.data import Dataset, load
from torch_ref.parser import positive
from torch_ref.terminal import INTERRUPTED, wide
from torch_ref.threads import one_thread

COLUMNS = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())


def main(arguments: list[str] | None = None) -> int:
    """Train what is not trained yet; print the table; write the curves and, where matplotlib is, the picture."""
    given, console = _parser().parse_args(arguments), wide()
    folder = given.work / f"{given.seeds}_seeds_{given.epochs}_epochs"
    folder.mkdir(parents=True, exist_ok=True)
    curves = Curves(folder / "curves.csv")
    try:
        with one_thread():
            train(curves, folder, given, console)
    except KeyboardInterrupt:
        console.print(f"interrupted: what is trained is in {folder}, and the same command goes on from there")
        return INTERRUPTED
    given.out.mkdir(parents=True, exist_ok=True)
    curves.write(given.out / "reproduced.csv")
    if importlib.util.find_spec("matplotlib"):
        draw(curves, given.out / "reproduced.png")
    else:
        console.print("no picture: pip install 'backproof[bench]' brings matplotlib")
    console.print(table(curves))
    return 0


def train(curves: Curves, folder: Path, given: argparse.Namespace, console: Console) -> None:
    """Every network, on both sides; scratch's first, which is faster."""
    data = load("mnist")
    with Progress(*COLUMNS, console=console, transient=True, disable=not console.is_terminal) as bar:
        for network in NETWORKS:
            _scratch(network, curves, given, data, bar)
        for network in NETWORKS:
            _torch_ref(network, curves, folder, given, data, bar)


def _scratch(network: Published, curves: Curves, given: argparse.Namespace, data: Dataset, bar: Progress) -> None:
    task = bar.add_task(f"{network.name}, scratch", total=given.seeds * given.epochs)
    for seed in range(given.seeds):
        if (network.name, "scratch", seed) in curves:
            bar.advance(task, given.epochs)
            continue
        curve = sides.scratch(network, seed, given.epochs, data, lambda: bar.advance(task))
        curves.add(network.name, "scratch", seed, curve)


def _torch_ref(
    network: Published, curves: Curves, folder: Path, given: argparse.Namespace, data: Dataset, bar: Progress
) -> None:
    if (network.name, "torch_ref", given.seeds - 1) in curves:
        return
    task = bar.add_task(f"{network.name}, torch_ref", total=given.epochs)
    found = sides.torch_ref(
        network,
        given.seeds,
        given.epochs,
        data,
        given.device,
        folder / network.name.replace(", η = ", "_eta"),
        lambda part: bar.update(task, completed=part),
    )
    for seed, curve in enumerate(found):
        curves.add(network.name, "torch_ref", seed, curve)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m compare.reproduce", description=__doc__)
    parser.add_argument("--seeds", type=positive, default=10, help="networks of each kind and side (default: 10)")
    parser.add_argument("--epochs", type=positive, default=EPOCHS, help=f"(default: {EPOCHS}, as published)")
    parser.add_argument("--device", default="cpu", help="of torch_ref: cpu (the default), cuda, mps")
    parser.add_argument("--work", type=Path, default=Path("runs/reproduce"), help="(default: runs/reproduce)")
    parser.add_argument("--out", type=Path, default=Path("docs"), help="of the table and picture (default: docs)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
