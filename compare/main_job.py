"""``backproof run`` from its settings to its exit code: data, run, logs, and the report in its forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import torch
from rich.console import Console

from compare.data import DataError, load
from compare.problem import Problem, ProblemError
from compare.report.as_json import JsonFile
from compare.report.folder import LogError, new_run_folder
from compare.report.progress import ProgressBar
from compare.report.tensorboard import TensorBoardLog
from compare.report.terminal import show
from compare.run import Report, Run
from torch_ref.device import DeviceError

INTERRUPTED = 130  # 128 + SIGINT, as shells count


def main_job(settings: Mapping[str, Any], logdir: Path, json: Path | None, fail: Callable[[str], NoReturn]) -> int:
    """Run, and give the exit code; ``fail`` is called with one sentence if that is not possible."""
    try:
        report = _run(settings, logdir, json)
    except (ProblemError, DataError, DeviceError, LogError) as e:
        fail(str(e))
    except (MemoryError, torch.OutOfMemoryError):
        fail("out of memory; give smaller --hidden layers, a smaller --batch-size, or --dtype float32")
    if report.interrupted:
        return INTERRUPTED
    if report.verdict.diverged_at is not None:
        fail(
            f"training diverged: after step {report.verdict.diverged_at} the numbers of both networks are no longer "
            f"finite, with --eta {report.problem.eta:g}; give a smaller one"
        )
    return report.verdict.outcome.exit_code


def _run(settings: Mapping[str, Any], logdir: Path, json: Path | None) -> Report:
    console = Console()
    problem = Problem(**settings)
    data = load(problem.dataset)
    run = Run(problem, data)
    with JsonFile(json) as file:
        folder = new_run_folder(logdir, problem.name)
        run.listeners = [TensorBoardLog(folder, problem), ProgressBar(console)]
        report = run.go()
        show(report, console, folder)
        file.write(report)
    return report
