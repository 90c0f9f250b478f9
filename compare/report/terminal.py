"""The report for people: what was checked, how closely, how well both networks do, and the verdict in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from compare.run import TRAINING_SAMPLE, Report
from compare.verdict import Outcome
from torch_ref.device import phrase

STYLES = {Outcome.MATCH: "bold green", Outcome.MISMATCH: "bold red", Outcome.INCONCLUSIVE: "bold yellow"}


def show(report: Report, console: Console, folder: Path | None = None) -> None:
    """Print the report, the verdict last; ``folder`` is where TensorBoard's logs are."""
    problem = report.problem
    console.print(
        f"{problem.dataset}, {'-'.join(map(str, problem.sizes))}, mini-batches of {problem.batch_size}, "
        f"η = {problem.eta:g}, {problem.quadratic_cost.formula}, {problem.dtype}, "
        f"torch on {problem.device}{' with TF32' if problem.tf32 else ''}"
        f"{f', {problem.processes} processes' if problem.processes > 1 else ''}, seed {problem.seed}",
        highlight=False,
        soft_wrap=True,
    )
    for part in (*_tensors(report), *_epochs(report), *_notes(report, folder)):
        console.print(part, highlight=False, soft_wrap=isinstance(part, str))
    console.print(sentence(report), style=_style(report), highlight=False, soft_wrap=True)


def sentence(report: Report) -> str:
    """The verdict in one plain sentence."""
    verdict, steps = report.verdict, f"{report.verdict.steps_checked:,}"
    begun = f"interrupted after {steps} of {report.total_steps:,} steps: " if report.interrupted else ""
    if verdict.diverged:
        return f"{begun}no verdict: at step {verdict.diverged_at} the numbers of both networks are no longer finite"
    if verdict.outcome is Outcome.MISMATCH:
        return f"{begun}mismatch: {verdict.first_divergence}"
    if verdict.outcome is Outcome.INCONCLUSIVE:
        return f"{begun}inconclusive: {_why_inconclusive(report)}"
    caught = max(power.smallest for key, power in verdict.powers.items() if key.equation in ("BP3", "BP4"))
    return (
        f"{begun}match: in all {steps} steps, every difference between the hand-derived gradients and autograd's is "
        f"one that rounding can explain (at most {verdict.worst_ratio:.2g} of the bound); "
        f"a relative error of {caught:.1g} of any of these gradients, made in every step, would have been caught"
    )


def _why_inconclusive(report: Report) -> str:
    verdict = report.verdict
    if not verdict.steps_checked:
        return "no step has been checked"
    if blind := [str(key) for key, power in verdict.powers.items() if power.vacuous]:
        return f"the bound is larger than most of the numbers in {', '.join(blind)}: little could have been seen there"
    if (doubt := verdict.first_doubt) is None or doubt.problem:
        return f"{doubt}, which rounding could explain only if all of its errors conspired"
    return f"at step {doubt.step}, {doubt.place} as a rule, and more only if all errors of rounding conspired"


def _style(report: Report) -> str:
    return "bold yellow" if report.verdict.diverged else STYLES[report.verdict.outcome]


def _tensors(report: Report) -> Iterator[str | Table]:
    table = Table("equation", "tensor", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("worst r", justify="right")
    table.add_column("smallest error caught", justify="right")
    for key, r in report.verdict.worst.items():
        power = report.verdict.powers.get(key)
        caught = "" if power is None else f"{power.smallest:.1e}"
        style = None if r <= 1 else "red"
        table.add_row(key.equation, f"{key.name}\\[{key.layer}]", f"{r:.4f}", caught, style=style)
    yield f"{report.verdict.steps_checked:,} steps checked, element by element"
    yield table
    yield "r: difference / bound; at most 1 is what rounding can do. Smallest error caught: of the tensor as a whole."


def _epochs(report: Report) -> Iterator[str | Table]:
    if not report.epochs:
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("epoch", "training", "validation", "test", "digits differ"):
        table.add_column(name, justify="right")
    for number, epoch in enumerate(report.epochs, start=1):
        scores = [f"{e.scratch.accuracy:.2%} | {e.torch_ref.accuracy:.2%}" for e in epoch.values()]
        table.add_row(str(number), *scores, f"{epoch['test'].different} of {epoch['test'].examples:,}")
    yield ""
    yield "accuracy, scratch | torch_ref, and how many test digits the two classify differently"
    yield table
    if report.epochs[0]["training"].examples == TRAINING_SAMPLE:
        yield f"training: on the first {TRAINING_SAMPLE:,} of the training data"


def _notes(report: Report, folder: Path | None) -> list[str]:
    drift = report.drift
    meaning = (
        "less than the length of one step throughout"
        if drift.horizon is None
        else f"more than the length of one step from step {drift.horizon:,} on: two different runs from there"
    )
    notes = [f"note: {alarm}" for alarm in report.verdict.alarms]
    ended = f"the two networks ended {drift.last:.1e} apart, {meaning}"
    unknown = "not known: the parameters are too large for the distance between them to be worked out"
    notes.append(f"free-running drift: {ended if isfinite(drift.last) else unknown}")
    if folder is not None:
        notes.append(f"TensorBoard: tensorboard --logdir {folder.parent}  (this run: {folder.name})")
    threads = "one thread for NumPy's products and one for torch's, on purpose"
    notes.append(f"{report.seconds:.1f} s; {threads}; {phrase(report.deterministic)}")
    return notes
