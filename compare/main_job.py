"""``backproof run`` from its settings to its exit code: data, run, logs, and the report in its forms."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import torch

from compare.problem import Problem, ProblemError
from compare.report.as_json import as_dict
from compare.report.json_file import JsonFile
from compare.report.progress import ProgressBar
from compare.report.tensorboard import TensorBoardLog
from compare.report.terminal import show
from compare.run import Report, Run
from torch_ref.data import DataError, load
from torch_ref.device import DeviceError
from torch_ref.folder import LogError, new_run_folder
from torch_ref.share import LostError
from torch_ref.terminal import INTERRUPTED, Output, one_interrupt


def main_job(settings: Mapping[str, Any], logdir: Path, json: Path | None, fail: Callable[[str], NoReturn]) -> int:
    """Run, and give the exit code; ``fail`` is called with one sentence if that is not possible."""
    try:
        with one_interrupt():
            report = _run(settings, logdir, json)
    except (ProblemError, DataError, DeviceError, LogError, LostError) as e:
        fail(str(e))
    except (MemoryError, torch.OutOfMemoryError):
        fail("out of memory; give smaller --hidden layers, a smaller --batch-size, or --dtype float32")
    if report.interrupted:
        return INTERRUPTED
    if report.verdict.diverged:
        fail(
            f"training diverged: after step {report.verdict.diverged_at} the numbers of both networks are no longer "
            f"finite, with --eta {report.problem.eta:g}; give a smaller one"
        )
    return report.verdict.outcome.exit_code


def _run(settings: Mapping[str, Any], logdir: Path, json: Path | None) -> Report:
    console = Output()
    problem = Problem(**settings)
    data = load(problem.dataset)
    run = Run(problem, data)
    with JsonFile(json) as file:
        folder = new_run_folder(logdir, problem.name)
        try:
            run.listeners = [TensorBoardLog(folder, problem), ProgressBar(console)]
            report = run.go()
        except KeyboardInterrupt:
            if not run.report.verdict.steps_checked:  # its logs were just begun
                shutil.rmtree(folder, ignore_errors=True)
                console.print("interrupted before the first step: nothing was checked")
            raise
        except (Exception, SystemExit) as e:
            shutil.rmtree(folder, ignore_errors=True)  # cut off: nothing half-written is left
            if isinstance(e, SystemExit):
                raise RuntimeError("the code under test ended the program") from e
            raise
        show(report, console, folder)  # first: where the file cannot be written, what was proved is not lost
        file.write(as_dict(report))
    return report
