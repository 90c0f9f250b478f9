"""``backproof assignment test`` from its options to its exit code."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NoReturn

from rich.box import SIMPLE_HEAD
from rich.progress import track
from rich.table import Table

from compare.diagnosis.mistake import MISTAKES
from compare.grade.assignment import Assignment
from compare.grade.assignment_file import AssignmentError, load
from compare.grade.rehearsal import RIGHT, TEMPLATE, is_right, rehearse
from compare.grade.result import EQUATIONS, Result
from compare.grade.sandbox import Sandbox, SandboxError
from torch_ref.terminal import Output, wide
from torch_ref.threads import one_thread

STRICT = "with strict = true it costs points"


def rehearsal_job(arguments: argparse.Namespace, fail: Callable[[str], NoReturn]) -> int:
    """Try it out, and give the exit code; ``fail`` is called with one sentence if that is not possible."""
    try:
        assignment = load(arguments.assignment)
        with Sandbox(unsafe=arguments.unsafe) as sandbox, one_thread():
            found = dict(_shown(rehearse(assignment, sandbox)))
    except (AssignmentError, SandboxError) as e:
        fail(str(e))
    return told(assignment, found, wide())


def _shown(results: Iterable[tuple[str, Result]]) -> Iterable[tuple[str, Result]]:
    console = Output()
    total = len(MISTAKES) + 2
    return track(results, "trying it out", total, console=console, transient=True, disable=not console.is_terminal)


def told(assignment: Assignment, found: dict[str, Result], console: Output) -> int:
    """Say what it gives to whom; the exit code."""
    right, template = found[RIGHT], found[TEMPLATE]
    known = {name: result for name, result in found.items() if name in MISTAKES}
    wrong = {name: result for name, result in known.items() if not is_right(MISTAKES[name], assignment)}
    free = {name: result for name, result in wrong.items() if result.score == result.max_score}
    meant = {name: result.conventions for name, result in free.items() if result.conventions}
    lines = [
        f"{assignment.title}: right work has {right.score:g} of {right.max_score:g} points, the template "
        f"{template.score:g}; {len(wrong) - len(free)} of {len(wrong)} known mistakes cost points",
        *(f"missed: {name} ({MISTAKES[name].equation}) costs nothing" for name in free if name not in meant),
        *(f"taken for a convention: {name}: {'; '.join(said)} ({STRICT})" for name, said in meant.items()),
    ]
    console.print(_table(assignment, wrong))
    for line in lines:
        console.say(line)
    well = right.score == right.max_score and (template.score == 0 or template.max_score == 0)
    return 0 if well and meant.keys() == free.keys() else 1


def _table(assignment: Assignment, mistakes: dict[str, Result]) -> Table:
    """How many of the mistakes cost each check its points."""
    failed = Counter(check.name for result in mistakes.values() for check in result.checks if check.status == "failed")
    table = Table("check", "equation", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("points", justify="right")
    table.add_column("mistakes that fail it", justify="right")
    for name, points in assignment.points.items():
        table.add_row(name, EQUATIONS[name], f"{points:g}", str(failed[name]))
    return table
