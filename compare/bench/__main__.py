"""``make bench``: every figure with its aim beside it."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from torch import cuda, device

from compare.bench import gpu, grading, replicas
from compare.bench.check import decisions, whole_checks
from compare.bench.job import help_imports_torch, job, peak_memory
from compare.bench.peers import Task, passes
from compare.bench.scaling import by_what, crossing, draw, write
from compare.bench.scaling import measure as measure_scaling
from compare.bench.step import measure
from compare.bench.timing import in_turns, ratio
from torch_ref.data import load
from torch_ref.device import deterministic
from torch_ref.terminal import wide
from torch_ref.threads import one_thread


def main(arguments: list[str] | None = None) -> None:
    """Print the tables; write how a step's cost grows."""
    parser = argparse.ArgumentParser(prog="python -m compare.bench", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs"), help="the folder for scaling.* (default: docs)")
    parser.add_argument("--only", choices=PARTS, help="one of the tables")
    given, console = parser.parse_args(arguments), wide()
    for name in [given.only] if given.only else PARTS:
        console.print(PARTS[name](console, given.out), highlight=False)


def _steps(console: Console, _: Path) -> Table:
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


def _peers(console: Console, _: Path) -> Table:
    table = _table("one SGD step of a pass over ready mini-batches, 784-30-10, m = 10, float32, one thread")
    for name in ("by", "microseconds", "to scratch"):
        table.add_column(name, justify="left" if name == "by" else "right")
    task = Task.random((784, 30, 10), 10)
    with console.status("timing other tools"), one_thread():
        seconds = in_turns(passes(task), rounds=7, calls=1)
    for name in sorted(seconds, key=lambda name: median(seconds[name])):
        table.add_row(name, f"{1e6 * median(seconds[name]) / task.steps:.0f}", f"{ratio(seconds, name, 'scratch'):.2f}")
    return table


def _check(console: Console, _: Path) -> Table:
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


def _job(console: Console, _: Path) -> Table:
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


def _scaling(console: Console, out: Path) -> Table:
    table = _table("how one SGD step grows, float32, one thread, microseconds")
    for name in ("what", "value", "scratch", "torch eager", "torch / scratch"):
        table.add_column(name, justify="left" if name == "what" else "right")
    with console.status("timing larger and larger networks"):
        points = list(measure_scaling())
    for p in points:
        mine, torchs = p.by["scratch"], p.by["torch eager"]
        table.add_row(p.what, str(p.value), f"{mine:.0f}", f"{torchs:.0f}", f"{torchs / mine:.2f}")
    crossings = {what: crossing(of) for what, of in by_what(points).items()}
    said = (f"{what}: " + ("none" if at is None else f"at {at:.0f}") for what, at in crossings.items())
    table.caption = "Where torch becomes faster. " + "; ".join(said) + "."
    out.mkdir(parents=True, exist_ok=True)
    write(points, out / "scaling.csv")
    if find_spec("matplotlib"):
        draw(points, out / "scaling.png")
    return table


def _replicas(console: Console, _: Path) -> Table:
    table = _table("networks side by side, 784-30-10, m = 10, float32, one thread: a step of backproof train")
    for name in ("networks", "one, microseconds", "together", "together / as many times one"):
        table.add_column(name, justify="right")
    with console.status("timing networks side by side"):
        for R in (10,):
            seconds = replicas.measure(load("mnist"), R)
            one, together = (f"{1e6 * median(seconds[name]):.0f}" for name in ("one", "together"))
            table.add_row(str(R), one, together, f"{ratio(seconds, 'together', 'one') / R:.2f}")
    return table


def _gpu(console: Console, _: Path) -> Table | str:
    if not cuda.is_available():
        return "training on a GPU: not timed, as torch.cuda.is_available() is False here"
    table = _table("training on a GPU, 784-30-10, m = 10, float32: one step")
    for name in ("steps", "networks", "microseconds", "eager / this", "to one network", "floor"):
        table.add_column(name, justify="left" if name == "steps" else "right")
    with console.status("timing the GPU"), deterministic(device("cuda")):
        rates = gpu.Rates.measured(device("cuda"))
        found = {(way, R): s for way, R, s in gpu.measure(load("mnist"), device("cuda"))}
    for (way, R), s in found.items():
        eager, many = (f"{found['eager', 1] / s:.1f}", "") if R == 1 else ("", f"{s / found[way, 1]:.2f}")
        table.add_row(way, str(R), f"{1e6 * s:.1f}", eager, many, f"{1e6 * rates.floor(R):.2f}")
    table.caption = (
        f"{cuda.get_device_name()}. Floor: its bytes or its operations, at\n"
        f"{rates.moved / 1e9:.0f} GB/s of a large copy, {rates.computed / 1e12:.1f} TFLOP/s of a large product.\n"
        f"Aims on an H100: eager / graph ≥ 10, {gpu.MANY} networks to one ≤ 3."
    )
    return table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", caption_justify="left", box=SIMPLE_HEAD)


PARTS: dict[str, Callable[[Console, Path], Table | str]] = {
    "step": _steps,
    "peers": _peers,
    "check": _check,
    "grading": grading.table,
    "job": _job,
    "scaling": _scaling,
    "replicas": _replicas,
    "gpu": _gpu,
}


if __name__ == "__main__":
    main()
