"""In the sandbox: loads a submission, puts the questions to it, and gives the frames of its answers one by one.

All that this module imports lies in the memory of the process that runs a student's code: no derivation may.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from compare.check.forms import MIXED, Came, in_form, is_square, left_to_try, likeliest
from compare.check.subject import UPDATE
from compare.diagnosis.case import Case, Observed, Shown
from compare.grade.asking import frames, warming
from compare.grade.asking.patience import at_most
from compare.grade.asking.pictures import draw_nothing
from compare.grade.asking.questions import FORM_FOUND, Question, Questions, askable, going_on
from compare.submission import wire
from compare.submission.conventions import ConventionError, Conventions
from compare.submission.host import Host, SubmissionError
from compare.submission.network_class import OF_Z
from compare.submission.remote import Submission, own_conventions
from compare.submission.worker import Answers, hide

TIMES = 3  # after so many Python has made its bytecode as fast as it makes it
MOST = 4  # forms that are asked in
FOR_EVER = 86_400.0  # seconds: it is the grader that holds the clock


class Inside:
    """A worker that is this very process; it may take so many seconds to load."""

    def __init__(self, paths: list[str], loading: float) -> None:
        self.answers, self.printed, self.close = Answers(paths, partly=True), "", Alive()
        self.loading = loading

    def ask(self, request: dict[str, Any], _seconds: float, _grace: float = 0.0) -> Any:
        """Its reply, as it comes out of the wire."""
        with at_most(self.loading) if request["function"] == "load" else nullcontext():
            return self.answers.to(request | {"seconds": 0.0}, wire.through)


class Alive:
    """Closing this process is not its own business."""

    alive = True

    def __call__(self) -> None:
        """Do nothing."""


def answer(path: str, questions: bytes) -> Iterator[bytes]:
    """The frames, the first one as soon as the file is loaded."""
    asked = Questions.decode(questions)
    hide()
    draw_nothing()
    try:
        host = Host(Path(path), None, FOR_EVER, partial(Inside, loading=asked.loading))
        stated = Conventions.parse(asked.conventions, own_conventions(host))
    except (SubmissionError, ConventionError) as e:
        yield frames.Hello(False, frozenset(), *_told(e, path)).encode()
        return
    yield frames.Hello(True, frozenset(host.offers), *(_told(host.broken, path) if host.broken else ())).encode()
    yield from _Asking(host, stated, asked).frames()


def warm_up() -> None:
    """Once, before any submission is there: all questions, to a file that has nothing right."""
    modules, folders = set(sys.modules), sys.path[:]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "nothing.py")
        path.write_text(warming.NOTHING_RIGHT, encoding="utf-8")
        host = Host(path, None, FOR_EVER, partial(Inside, loading=FOR_EVER))
        asked = Questions.decode(warming.questions().encode())
        for _ in range(TIMES):
            deque(_Asking(host, own_conventions(host), asked).frames(), maxlen=0)
    sys.path[:] = folders
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def _told(error: Exception, path: str) -> tuple[int, str]:
    """The line, if there is one, and the sentence."""
    sentence = error.sentence if isinstance(error, SubmissionError) else str(error)
    only = "only NumPy here, beside what Python has itself and what was handed in; do without it"
    sentence = sentence.replace("no module of that name here", only)
    line, file = getattr(error, "line", None) or 0, getattr(error, "file", None) or path
    if line and file != path:
        line, sentence = 0, f"{os.path.basename(file)}, line {line}: {sentence}"
    return line, sentence.replace(os.path.dirname(path), "")


def form_of(host: Host, stated: Conventions, asked: Questions) -> tuple[frames.Form, Observed | None]:
    """The form to ask in, and others that may be meant: the stated one wherever every function answers in it.

    And what came of the first case in that form, where it was asked about.
    """
    if asked.strict:
        return frames.Form(stated, stated), None
    came: list[Came] = []
    shown: dict[Conventions, Observed] = {}
    for form in left_to_try(stated, came):
        shown[form] = _observed(host, form, asked.cases[0])
        came.append(Came.of(Submission(host, form), form, shown[form]))
        if form == stated and not came[0].silent:
            break
    square = next(filter(is_square, asked.cases), asked.cases[0])
    likely = likeliest(came, bool(host.network), lambda form: _observed(host, form, square))
    best = [one.form for one in likely]
    if likely[0].silent and stated not in best[:MOST]:  # it may be meant all the same
        best.insert(1, stated)
    found = [_of_a_class(form, stated) for form in best] if host.network else best
    return frames.Form(found[0], stated, tuple(found[1:MOST])), shown[best[0]]


def _of_a_class(form: Conventions, stated: Conventions) -> Conventions:
    """Its methods take one example, and its update all of them, whichever of the two words for it is stated."""
    return replace(form, batch=stated.batch) if {form.batch, stated.batch} == {"one", MIXED} else form


def _observed(host: Host, form: Conventions, case: Case) -> Observed:
    return Submission(host, form).observe(in_form(case, form))


class _Asking:
    """Puts the questions, and frames the answers."""

    def __init__(self, host: Host, stated: Conventions, asked: Questions) -> None:
        self.host, self.stated, self.asked = host, stated, asked
        self.submission = Submission(host, stated)
        self.broke_off = False  # of all z together, so that they are asked about one by one
        self.first: Observed | None = None  # what came of the first case when the form was found
        self.walked: Observed | None = None

    def frames(self) -> Iterator[bytes]:
        """One for each question; none of the cases where they cannot be put in the form."""
        for question in self.asked.order():
            if question.function in OF_Z:
                yield self._values(question)
            elif question.function == FORM_FOUND:
                found, self.first = form_of(self.host, self.stated, self.asked)
                self.submission = Submission(self.host, found.form)
                yield found.encode()
                if not askable(self.asked, found.form):
                    return
            else:
                case = self.asked.case(question)
                yield frames.encode(question.function, case, self._observed(question, case))

    def _values(self, question: Question) -> bytes:
        z = self.asked.zs[question.number]
        if question.number and not self.broke_off:
            return frames.encode_values(z, None, [])
        values, faults = self.submission.call(question.function, z)
        if question.number == 0:
            self.broke_off = values is None
        return frames.encode_values(z, values, faults)

    def _observed(self, question: Question, case: Case) -> Observed:
        if question.walk:
            begun = going_on(case, self.walked) if self.walked else case
            self.walked = self.submission.observe(begun, [UPDATE]) if begun else Observed(Shown())
            return self.walked
        if question.number == 0 and self.first:
            faults = [fault for fault in self.first.faults if fault.function == question.function]
            return Observed(self.first.trace, faults)
        return self.submission.observe(case, [question.function])
