"""``backproof grade`` from its options to its exit code."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from compare.grade import store
from compare.grade.assignment import Assignment, AssignmentError, load
from compare.grade.pool import results
from compare.grade.result import Result
from compare.grade.sandbox import Sandbox, SandboxError
from compare.grade.submissions import Submitted, find
from compare.grade.telling.files import write_class, write_student
from torch_ref.terminal import INTERRUPTED, Output, one_interrupt

DONE, COULD_NOT_RUN, SOME_NOT_GRADED = 0, 2, 3


def grade_job(arguments: argparse.Namespace, fail: Callable[[str], NoReturn]) -> int:
    """Grade all submissions, and give the exit code; ``fail`` is called with one sentence if that is not possible."""
    try:
        assignment = load(arguments.assignment)
        submissions = store.share(find(arguments.submissions, assignment.student, assignment.file), *arguments.shard)
        arguments.out.mkdir(parents=True, exist_ok=True)
        Sandbox(unsafe=arguments.unsafe).close()  # whether there can be one is told before the work
    except (AssignmentError, SandboxError) as e:
        fail(str(e))
    except OSError as e:
        fail(f"{e.filename} cannot be used ({e.strerror}); give a folder with submissions, and one to write to")
    if not submissions:
        fail(f"{arguments.submissions} has no submission in it; give a folder of files, of folders or of zips")
    return Job(assignment, submissions, arguments.out, arguments.processes or os.cpu_count() or 1).run(arguments.unsafe)


class Job:
    """One class, one assignment, one folder of results."""

    def __init__(self, assignment: Assignment, submissions: list[Submitted], out: Path, processes: int) -> None:
        self.assignment, self.submissions, self.out = assignment, submissions, out
        self.processes = min(processes, len(submissions))
        self.console = Output()

    def run(self, unsafe: bool) -> int:
        """Grade what is left, and write everything; the exit code."""
        found = {s.student: result for s in self.submissions if (result := store.kept(self.out, s, self.assignment))}
        left = [s for s in self.submissions if s.student not in found]
        if found:
            self._say(f"{len(found)} of {len(self.submissions)} are graded already")
        interrupted = False
        try:
            with one_interrupt():
                for submitted, result in self._shown(results(left, self.assignment, self.processes, unsafe), left):
                    keyed = replace(result, key=store.key(submitted, self.assignment))
                    write_student(self.out, keyed, self.assignment.title)
                    found[submitted.student] = replace(keyed, heatmaps={}, trajectory={}, printed="")
        except KeyboardInterrupt:
            interrupted = True
        return self._end([found[s.student] for s in self.submissions if s.student in found], interrupted)

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
            self._say(f"the pages of the class cannot be written ({e.strerror})")
            return COULD_NOT_RUN
        count = Counter(result.status for result in graded)
        told = ", ".join(f"{count[status]} {status}" for status in ("graded", "not gradable", "not graded"))
        self._say(f"{told}; {self.out / 'class.html'}")
        if interrupted:
            self._say(f"interrupted after {len(graded)} of {len(self.submissions)}; the same command goes on")
            return INTERRUPTED
        return SOME_NOT_GRADED if count["not graded"] else DONE

    def _say(self, words: str) -> None:
        self.console.print(words, highlight=False, markup=False, soft_wrap=True)
