"""A submission is run in the sandbox, and what came is made readable: nothing is judged here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from compare.diagnosis.case import Case, Observed
from compare.grade.asking import frames
from compare.grade.asking.questions import Questions, begun
from compare.grade.asking.recorded import Recorded
from compare.grade.sandbox import Limits, Run
from compare.grade.submitted import Submitted
from compare.submission.conventions import ConventionError

LOADING = 0.5  # of the seconds that a submission has: what comes after takes far fewer
MORE = "wrote more than was asked for"


class Runs(Protocol):
    """What runs a submission: the sandbox."""

    def run(
        self, source: bytes, questions: bytes, size: int, limits: Limits, name: str, *, beside: Mapping[str, bytes]
    ) -> Run:
        """Its record."""


class NotGradableError(Exception):
    """The file cannot be run, or did not say what it has; in one sentence."""


@dataclass(frozen=True)
class Asked:
    """The answers to some questions, of a process that has ended.

    broken  why only what the file defines was asked, and the rest not run; "" if it was loaded to its end
    """

    questions: Questions
    run: Run
    recorded: Recorded
    broken: str = ""

    @cached_property
    def steps(self) -> list[tuple[Case, Observed]]:
        """Those of the trajectory, each from where the one before ended."""
        answers = iter(self.recorded.walk)
        return begun(self.questions.walk[: len(self.recorded.walk)], lambda _: next(answers))

    @property
    def cases(self) -> list[Case]:
        """All that is judged."""
        return [*self.questions.cases, *(case for case, _ in self.steps)]


def ask(sandbox: Runs, submitted: Submitted, questions: Questions, limits: Limits) -> Asked:
    """Run it once. Raises NotGradableError."""
    if submitted.problem:
        raise NotGradableError(submitted.problem)
    name, beside = submitted.module, submitted.beside
    questions = replace(questions, loading=LOADING * limits.seconds)
    run = sandbox.run(submitted.source, questions.encode(), questions.total, limits, name, beside=beside)
    hello = _hello(run)
    why = hello.sentence and _place(submitted, hello.line) + hello.sentence
    if not hello.loaded:
        raise NotGradableError(why or "the file could not be loaded, and did not say why")
    try:
        return Asked(questions, run, Recorded(questions, run.record, submitted.name), why)
    except ConventionError as e:
        raise NotGradableError("what the file sent in place of its answers cannot be read") from e


def _hello(run: Run) -> frames.Hello:
    if run.how == MORE:
        raise NotGradableError(f"the file {MORE}; its answers are its functions' results, and nothing else")
    if len(run.record) < frames.HELLO.size:
        raise NotGradableError(f"the file {run.how or 'ended'} when it was loaded")
    return frames.Hello.decode(run.record[: frames.HELLO.size])


def _place(submitted: Submitted, line: int) -> str:
    """The line; of a notebook, that of its cell. Nothing where there is none."""
    if not line:
        return ""
    before = submitted.source.decode("utf-8", "replace").split("\n")[:line]
    if submitted.name.endswith(".ipynb"):
        for back, text in enumerate(reversed(before)):
            if cell := re.fullmatch(r"# (cell \d+)", text):
                return f"{cell[1]}, line {back}: "
    return f"line {line}: "
