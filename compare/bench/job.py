"""The main job: a run with every step checked, beside plain eager torch training on the same mini-batches."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from compare.problem import Problem
from compare.run import Run
from torch_ref.data import load
from torch_ref.threads import one_thread
from torch_ref.trainer import Trainer


def job() -> dict[str, Callable[[], object]]:
    """An epoch of the default problem, by either way."""
    data, problem = load("mnist"), Problem(epochs=1)
    batches = [(torch.tensor(b.x), torch.tensor(b.y)) for _, b in problem.blocks(problem.training(data))]
    return {"run": lambda: Run(problem, data).go(), "torch eager": lambda: train_eagerly(problem, batches)}


def train_eagerly(problem: Problem, blocks: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
    """The reference's training and nothing else: its batches are ready, nothing is read, nothing is logged."""
    start = problem.start()
    trainer = Trainer(start.weights, start.biases, eta=problem.eta, factor=problem.quadratic_cost.factor)
    with one_thread():
        for x, y in blocks:
            for k in range(len(x)):
                trainer.step(x[k], y[k])


def peak_memory(*arguments: str) -> float:
    """GB that ``backproof`` with these arguments had resident at its peak, in a process of its own."""
    code = (
        "import sys, compare.cli\ntry: compare.cli.main(sys.argv[1:])\n"
        "finally:\n import compare.bench.job\n print(compare.bench.job.own_peak())"
    )
    command = [sys.executable, "-c", code, *arguments]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def own_peak() -> float:
    """GB that this process had resident at its peak.

    Linux counts in ``ru_maxrss`` what the process that started it had; not so in /proc.
    """
    status = Path("/proc/self/status")
    if status.exists():
        kib = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        assert kib
        return 1024 * int(kib[1]) / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e9  # bytes on macOS


def help_imports_torch() -> bool:
    """Whether ``backproof --help`` loads torch."""
    code = (
        "import sys, compare.cli\ntry: compare.cli.main(['--help'])\nexcept SystemExit: print('torch' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    return out.split()[-1] == "True"
