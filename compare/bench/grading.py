"""Grading a class beside what teachers do today: pytest with torch's gradients, a process for each submission."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from compare.bench import submission
from compare.commands.assignment import POINTS
from compare.grade.assignment import Assignment
from compare.grade.pool import results
from compare.grade.sandbox import Sandbox, SandboxError
from compare.grade.submitted import Submitted
from compare.grade.telling.files import write_student

SOURCE = Path(submission.__file__).read_bytes()
CLASS, CORES = 200, 2
AIM, YARDSTICK = 50, 2.1  # submissions a second, and the seconds of one pytest, both of one machine
AS_TODAY = """
import numpy as np
import torch
from net import backprop


def test_gradient():
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal((5, 6)), rng.standard_normal((3, 5))]
    biases = [rng.standard_normal(5), rng.standard_normal(3)]
    x, y = rng.standard_normal((7, 6)), rng.random((7, 3))
    w, b = ([torch.tensor(array, requires_grad=True) for array in arrays] for arrays in (weights, biases))
    a = torch.tensor(x)
    for wl, bl in zip(w, b):
        a = torch.sigmoid(a @ wl.T + bl)
    (((a - torch.tensor(y)) ** 2).sum() / (2 * len(x))).backward()
    nabla_w, nabla_b = backprop(weights, biases, x, y)[:2]
    for mine, right in zip([*nabla_w, *nabla_b], [*w, *b]):
        assert np.allclose(mine, right.grad)
"""


def table(console: Console, _: Path) -> Table:
    """Submissions a second, both ways."""
    found = Table(title=f"a class of {CLASS} right files, {CORES} processors", box=SIMPLE_HEAD, title_justify="left")
    for name in ("", "submissions a second", "in the time of one pytest", "aim"):
        found.add_column(name)
    with console.status("grading a class"):
        graded, alone, tested = by_backproof(), 1 / by_pytest(1), by_pytest(CORES)
    aim = f"≥ {AIM}; ≥ {AIM * YARDSTICK:.0f}"
    found.add_row("backproof grade, with each student's files", f"{graded:.1f}", f"{graded * alone:.0f}", aim)
    found.add_row("pytest that imports torch, a process for each", f"{tested:.2f}", f"{tested * alone:.1f}", "")
    return found


def by_backproof() -> float:
    """Submissions a second, from when every process has graded some."""
    assignment = Assignment(title="bench", course_key="a key for the benchmark", points={**POINTS, "trajectory": 2})
    students = [Submitted(f"student {k}", SOURCE, "net.py") for k in range(CLASS)]
    with tempfile.TemporaryDirectory() as folder:
        ends = []
        for _, result in results(students, assignment, CORES + 1, unsafe=not sandboxed()):
            write_student(Path(folder), result, "bench")
            ends.append(time.perf_counter())
    started = CLASS // 4  # processes start, and the first submissions of each wait for what is imported then
    return (CLASS - 1 - started) / (ends[-1] - ends[started])


def sandboxed() -> bool:
    """Whether this system has a sandbox."""
    try:
        Sandbox().close()
    except SandboxError:
        return False
    return True


def by_pytest(processes: int) -> float:
    """Submissions a second, of so many processes at a time."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "net.py").write_bytes(SOURCE)
        (Path(folder) / "test_net.py").write_text(AS_TODAY, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "test_net.py"]
        started = time.perf_counter()
        running = [subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) for _ in range(processes)]
        codes = [process.wait() for process in running]
    if any(codes):
        raise RuntimeError("pytest found a right submission wrong")
    return processes / (time.perf_counter() - started)
