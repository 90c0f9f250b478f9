"""``make matrix``: every mistake of the bank through backproof and through the checks in use today."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table

from compare.matrix.cases import settings
from compare.matrix.figure import draw
from compare.matrix.matrix import NOT_TRIED, OURS, SLOW_EVERY, run
from compare.matrix.peers import PEERS
from compare.matrix.tally import COLUMNS, OUTCOMES, Tally
from compare.report.whole import write_csv
from torch_ref.parser import positive
from torch_ref.terminal import INTERRUPTED

SEEDS = f"problems for each regime and dtype (default: 6); slow checks meet one program in {SLOW_EVERY} of each"


def main(arguments: list[str] | None = None) -> int:
    """Run the matrix; write the CSV files and the figure; print the table."""
    parser = argparse.ArgumentParser(prog="python -m compare.matrix", description=__doc__)
    parser.add_argument("--seeds", type=positive, default=6, help=SEEDS)
    parser.add_argument("--processes", type=positive, default=2, help="at a time (default: 2)")
    parser.add_argument("--out", type=Path, default=Path("docs"), help="the folder to write to (default: docs)")
    given, console = parser.parse_args(arguments), Console()
    try:
        tally = _run(given.seeds, given.processes, console)
    except KeyboardInterrupt:
        console.print("interrupted: nothing was written")
        return INTERRUPTED
    given.out.mkdir(parents=True, exist_ok=True)
    write(tally, given.out, console)
    console.print(table(tally))
    console.print(*_notes(tally), sep="\n")
    return 0


def _run(seeds: int, processes: int, console: Console) -> Tally:
    total = len(list(settings(seeds)))
    with closing(run(seeds, processes)) as growing:
        tallies = track(growing, "problems", total, console=console, disable=not console.is_terminal)
        return list(tallies)[-1]  # one and the same, when all is in it


def write(tally: Tally, out: Path, console: Console) -> None:
    """The counts, the counts by program, and the figure where matplotlib is installed."""
    write_csv(out / "matrix.csv", COLUMNS, tally.rows())
    write_csv(out / "matrix_programs.csv", ("check", "kind", "program", "trials", *OUTCOMES), tally.by_program())
    if importlib.util.find_spec("matplotlib"):
        draw(tally, out / "matrix.png")
    else:
        console.print("no figure: matplotlib is not installed; pip install 'backproof[bench]'")


def table(tally: Tally) -> Table:
    """A row for each check."""
    shown = Table(title="right code rejected, wrong gradients accepted", title_justify="left", box=SIMPLE_HEAD)
    shown.add_column("\ncheck", no_wrap=True)
    for name in ("alarms\nfloat64", "\nfloat32", "misses\nfloat64", "\nfloat32", "incon-\nclusive", "\ntrials", "\nms"):
        shown.add_column(name, justify="right", no_wrap=True)
    for check in tally.checks():
        if check != NOT_TRIED:
            shown.add_row(check, *_cells(tally, check))
    return shown


def _cells(tally: Tally, check: str) -> Iterator[str]:
    yield from (f"{tally.false_alarms(check, dtype):.1%}" for dtype in ("float64", "float32"))
    yield from (f"{tally.misses(check, dtype):.1%}" for dtype in ("float64", "float32"))
    both = tally.outcomes(check, "correct", "gradient")
    yield f"{both['inconclusive'] / both.total():.1%}"
    yield f"{both.total()}"
    yield f"{1000 * float(tally.second(check)):.0f}"


def _notes(tally: Tally) -> Iterator[str]:
    update = tally.outcomes(OURS, "update")
    yield (
        f"Where the gradient is right and the update alone is wrong, no other check looks: of {update.total()}"
        f" such trials backproof rejects {update['rejected']}, accepts {update['accepted']}."
    )
    for of, meaning in (("hidden", "made no difference in their case"), ("raised", "raised an exception")):
        not_tried = tally.outcomes(NOT_TRIED, of).total()
        yield f"{not_tried} trials of wrong code are not counted, as they {meaning}."
    for name, peer in PEERS.items():
        if not peer.available:
            yield f"{name} was not tried: {peer.needs} is not installed; pip install {peer.needs}"


if __name__ == "__main__":
    sys.exit(main())
