"""``make bench``: every figure with its aim beside it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from compare.bench.check import decisions, whole_checks
from compare.bench.job import help_imports_torch, job, peak_memory
from compare.bench.step import measure
from compare.bench.timing import in_turns, ratio
from torch_ref.terminal import wide
from torch_ref.threads import one_thread


def main() -> None:
    """Print the tables."""
    console = wide()
    console.print(_steps(console))
    console.print(_check(console))
    console.print(_job(console))


def _steps(console: Console) -> Table:
    table = _table("one SGD step, one BLAS thread, microseconds (medians)")
    ways = ("products", "scratch", "biases apart", "its products", "torch eager")
    for name in ("network", "m", "dtype", *ways, "scratch / products", "torch / scratch"):
        table.add_column(name, justify="right")
    with console.status("timing single steps"):
        for r in measure():
            times = [f"{1e6 * median(seconds):.0f}" for seconds in r.seconds.values()]
            floor, faster = ratio(r.seconds, "scratch", "products"), ratio(r.seconds, "torch eager", "scratch")
            table.add_row("-".join(map(str, r.sizes)), str(r.m), r.dtype, *times, f"{floor:.2f}", f"{faster:.1f}")
    table.caption = (
        "products: scratch's matrix products alone. biases apart: docs/decisions/0002.\n"
        "Aims at 784-30-10, m = 10, float32: scratch / products ≤ 1.6, torch / scratch ≥ 4."
    )
    return table


def _check(console: Console) -> Table:
    table = _table("a check: every partial derivative of 784-30-10, m = 10, float64, one thread")
    for name in ("what", "measured", "aim"):
        table.add_column(name)
    with console.status("timing checks"), one_thread(), tempfile.TemporaryDirectory() as folder:
        seconds = in_turns(decisions(), rounds=1, calls=1)
        whole = in_turns(whole_checks(Path(folder)), rounds=5, calls=1)
    table.add_row("decided by the bound", f"{1e3 * median(seconds['backproof']):.1f} ms", "")
    table.add_row("decided by gradcheck, slow mode", f"{1e3 * median(seconds['gradcheck']):.0f} ms", "")
    table.add_row("ratio", f"{ratio(seconds, 'gradcheck', 'backproof'):.0f}", "≥ 200")
    table.add_row("backproof check of a right file, after imports", f"{median(whole['right']):.2f} s", "< 1 s")
    table.add_row("of one with a mistake that nothing explains", f"{median(whole['unexplained']):.2f} s", "< 1 s")
    return table


def _job(console: Console) -> Table:
    table = _table("the main job, 784-30-10, m = 10, float64, one epoch of MNIST")
    for name in ("what", "measured", "aim"):
        table.add_column(name)
    with console.status("timing whole runs"):
        seconds = in_turns(job(), rounds=3, calls=1)
        run, eager = (median(seconds[name]) for name in ("run", "torch eager"))
        table.add_row("run with every step checked", f"{run:.1f} s", "")
        table.add_row("torch eager alone, same mini-batches", f"{eager:.1f} s", "")
        table.add_row("ratio", f"{ratio(seconds, 'run', 'torch eager'):.2f}", "≤ 2.5")
        with tempfile.TemporaryDirectory() as folder:
            peak = peak_memory("run", "--epochs", "1", "--logdir", folder)
        table.add_row("peak memory of a whole run", f"{peak:.2f} GB", "< 1.5 GB")
        table.add_row("backproof --help imports torch", "yes" if help_imports_torch() else "no", "no")
    return table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", caption_justify="left", box=SIMPLE_HEAD)


if __name__ == "__main__":
    main()
