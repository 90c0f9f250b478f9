"""``backproof check`` from its options to its exit code."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from compare.check.check import Settings, check
from compare.check.report import CheckReport
from compare.diagnosis.case import Observed
from compare.diagnosis.emit import is_emitted, pytest_file
from compare.report.check_json import as_dict
from compare.report.check_terminal import sentence, show
from compare.report.json_file import JsonFile
from compare.submission.conventions import ALLOWED, ConventionError, Conventions
from compare.submission.host import SubmissionError
from torch_ref.folder import LogError
from torch_ref.terminal import Output
from torch_ref.threads import one_thread


class AssignmentError(Exception):
    """An assignment file that cannot be read, in one sentence."""


def check_job(arguments: argparse.Namespace, stated: Mapping[str, str], fail: Callable[[str], NoReturn]) -> int:
    """Check, and give the exit code; ``fail`` is called with one sentence if that is not possible."""
    if not 0 < arguments.seconds <= 3600:
        fail(f"--seconds is {arguments.seconds:g}; give a number of seconds above 0, up to 3600")
    if not 0 <= arguments.seed <= 10**9:
        fail(f"--seed is {arguments.seed}; give a whole number of 0 or more, up to {10**9:,}")
    _refuse_to_overwrite(arguments, fail)
    try:
        with JsonFile(arguments.json) as file, one_thread():
            assigned = _assigned(arguments.assignment) if arguments.assignment else {}
            settings = Settings(
                {**assigned, **stated}, arguments.seed, arguments.strict, arguments.seconds, layers=arguments.layers
            )
            console = Output()
            with console.status(f"checking {arguments.file}"):
                report = check(arguments.file, arguments.adapter, settings)
            file.write(as_dict(report, arguments.hints))
            show(report, console, arguments.hints)
            if arguments.emit_test:
                print(_emit(report, arguments))
    except (SubmissionError, ConventionError, AssignmentError, LogError) as e:
        fail(str(e))
    return report.outcome.exit_code


def _refuse_to_overwrite(arguments: argparse.Namespace, fail: Callable[[str], NoReturn]) -> None:
    """What is checked is not written over, nor any file with a test but one that was emitted."""
    read = {path.resolve() for path in (arguments.file, arguments.adapter, arguments.assignment) if path}
    for option, path in (("--json", arguments.json), ("--emit-test", arguments.emit_test)):
        if path and path.resolve() in read:
            fail(f"{option} is {path}, which is read, and would be written over; give another file")
    test = arguments.emit_test
    if test and not test.resolve().parent.is_dir():
        fail(f"--emit-test is {test}, and {test.resolve().parent} is no folder; make it, or give another file")
    if test and test.exists() and not is_emitted(test):
        fail(f"--emit-test is {test}, which is there already, and not a test that was emitted; give another file")


def _emit(report: CheckReport, arguments: argparse.Namespace) -> str:
    """Write the smallest failing case as a test, if there is one; what was done, in a sentence."""
    if report.smallest is None or report.form is None:
        return f"--emit-test: nothing failed on a case of its own, so {arguments.emit_test} is not written"
    case, observed = report.smallest
    state = [fault for fault in report.faults if fault.kind == "state"]  # which a single call does not show
    observed = Observed(observed.trace, [*observed.faults, *state])
    text = pytest_file(
        case,
        observed,
        arguments.file,
        report.form,
        adapter=arguments.adapter,
        sentence=sentence(report, arguments.hints),
        absolute=True,
    )
    try:
        arguments.emit_test.write_text(text, encoding="utf-8")
    except OSError as e:
        raise LogError(f"--emit-test {arguments.emit_test} cannot be written ({e.strerror}); give another file") from e
    return f"the smallest failing case as a test: python -m pytest {arguments.emit_test}"


def _assigned(path: Path) -> dict[str, Any]:
    try:
        whole = tomllib.loads(path.read_text(encoding="utf-8"))
        table = whole.get("conventions", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        why = e.strerror if isinstance(e, OSError) else e
        raise AssignmentError(f"--assignment {path} cannot be read ({why}); give a TOML file with [conventions]") from e
    try:
        Conventions.parse(table if isinstance(table, dict) else {})
    except ConventionError as e:
        raise AssignmentError(f"--assignment {path}: {e}") from e
    if lost := sorted(set(whole) & set(ALLOWED)):
        raise AssignmentError(f"--assignment {path}: {lost[0]} stands outside of a table; put it under [conventions]")
    if not isinstance(table, dict):
        raise AssignmentError(f"--assignment {path}: conventions is {table!r}; expected a table [conventions]")
    return table
