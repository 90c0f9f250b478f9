"""``backproof grade`` from its options to its exit code."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from compare.grade import store
from compare.grade.assignment import Assignment
from compare.grade.assignment_file import AssignmentError, load
from compare.grade.ending import COULD_NOT_RUN, exit_code, tell
from compare.grade.finding.single import given
from compare.grade.finding.submissions import find
from compare.grade.formatted import without_pictures, write_formats
from compare.grade.pool import results, usual_processes
from compare.grade.result import Result
from compare.grade.sandbox import Sandbox, SandboxError
from compare.grade.submitted import Submitted
from compare.grade.telling.files import write_class, write_student
from compare.grade.telling.names import file_name
from compare.grade.whole_class import Class
from torch_ref.terminal import INTERRUPTED, Output, one_interrupt


def grade_job(arguments: argparse.Namespace, fail: Callable[[str], NoReturn]) -> int:
    """Grade all submissions, and give the exit code; ``fail`` is called with one sentence if that is not possible."""
    out, processes = arguments.out, arguments.processes or usual_processes()
    try:
        assignment = load(arguments.assignment)
        submissions = _found(arguments.submissions, assignment)
        Sandbox(unsafe=arguments.unsafe).close()  # whether there can be one is told before the work
    except (AssignmentError, SandboxError) as e:
        fail(str(e))
    except OSError as e:
        fail(f"{e.filename} cannot be read ({e.strerror}); give a folder of submissions, a zip, or a Python file")
    if not submissions:
        fail(f"{arguments.submissions} has no submission in it; give a folder of files, of folders or of zips")
    if out.resolve().is_relative_to(arguments.submissions.resolve()):
        fail(f"{out} lies among the submissions, and would be taken for one; give another folder for the results")
    try:
        out.mkdir(parents=True, exist_ok=True)
        Class(assignment.title, assignment.fingerprint(), tuple(one.student for one in submissions)).write(out)
    except OSError as e:
        fail(f"{out} cannot be written to ({e.strerror}); give a folder that can be")
    share = store.share(submissions, *arguments.shard)
    return Job(assignment, share, out, min(processes, len(share)), arguments.format).run(arguments.unsafe)


def _found(path: Path, assignment: Assignment) -> list[Submitted]:
    """Raises OSError."""
    return given(path, assignment.file) or find(path, assignment.student, assignment.file)


@dataclass
class Job:
    """One class, one assignment, one folder of results; and the formats that each student's result is wanted in."""

    assignment: Assignment
    submissions: list[Submitted]
    out: Path
    processes: int
    formats: Sequence[str] = ()
    console: Output = field(default_factory=Output)

    def run(self, unsafe: bool) -> int:
        """Grade what is left, and write everything; the exit code."""
        found: dict[str, Result] = {}
        interrupted = False
        try:
            with one_interrupt():
                self._graded(found, unsafe)
        except KeyboardInterrupt:
            interrupted = True
        except OSError as e:
            self.console.say(
                f"{e.filename or self.out} cannot be written ({e.strerror}); once it can, the same command goes on"
            )
            return COULD_NOT_RUN
        return self._end([found[s.student] for s in self.submissions if s.student in found], interrupted)

    def _graded(self, found: dict[str, Result], unsafe: bool) -> None:
        """Fills it, by student: first with what is there already. Raises OSError."""
        for submitted in self.submissions:
            if result := store.kept(self.out, submitted, self.assignment):
                found[submitted.student] = self._kept(result)
        if not self.submissions:
            self.console.say("no submission falls into this part of the class")
        if found:
            self.console.say(f"{len(found)} of {len(self.submissions)} are graded already")
        left = [s for s in self.submissions if s.student not in found]
        for submitted, result in self._shown(results(left, self.assignment, self.processes, unsafe), left):
            found[submitted.student] = self._write(replace(result, key=store.key(submitted, self.assignment)))

    def _kept(self, result: Result) -> Result:
        """Whoever was killed may have left a result without its page."""
        if not (self.out / file_name(result.student) / "page.html").exists():
            return self._write(result)
        write_formats(self.out, result, self.assignment, self.formats)
        return without_pictures(result)

    def _write(self, result: Result) -> Result:
        write_student(self.out, result, self.assignment.title)
        write_formats(self.out, result, self.assignment, self.formats)
        return without_pictures(result)

    def _shown(
        self, graded: Iterable[tuple[Submitted, Result]], left: list[Submitted]
    ) -> Iterable[tuple[Submitted, Result]]:
        """The same, with a bar that has the count and the rate, where there is a terminal."""
        columns = (
            SpinnerColumn(),
            TextColumn("grading"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal) as bar:
            task = bar.add_task("grading", total=len(left), rate="")
            for one in graded:
                yield one
                speed = bar.tasks[0].speed
                bar.update(task, advance=1, rate=f"{speed:.1f}/s" if speed else "")

    def _end(self, graded: list[Result], interrupted: bool) -> int:
        try:
            write_class(self.out, graded, self.assignment.title)
        except OSError as e:
            self.console.say(f"the pages of the class cannot be written ({e.strerror})")
            return COULD_NOT_RUN
        tell(graded, self.out, self.console)
        if interrupted:
            self.console.say(f"interrupted after {len(graded)} of {len(self.submissions)}; the same command goes on")
            return INTERRUPTED
        return exit_code(graded)
