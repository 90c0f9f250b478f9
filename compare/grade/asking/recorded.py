"""A submission as it was recorded: asked again, it gives the answers that its process gave before it ended."""

from __future__ import annotations

import copy
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import replace

import numpy as np

from compare.check.subject import SHOWN_BY
from compare.diagnosis.case import Case, Fault, Observed, Shown
from compare.grade.asking import frames
from compare.grade.asking.questions import FORM_FOUND, Question, Questions
from compare.submission.conventions import Conventions
from compare.submission.network_class import OF_Z

Values = tuple[np.ndarray | None, list[Fault]]


class Recorded:
    """What a check may ask. A question that was not put has no answer, and that is no fault.

    walk      what was observed of each step of the trajectory
    form      in which it was asked; the stated one until that is known
    silent    the first question that has no answer, as the process ended before it; None if all have one
    """

    def __init__(self, questions: Questions, record: bytes, file: str) -> None:
        """``record`` is what came, from its first byte on, and no less than a Hello; ``file`` is the file's name.

        Raises ConventionError where what came is no answer.
        """
        self.offers = frames.Hello.decode(record[: frames.HELLO.size]).offers
        stated = Conventions.parse(questions.conventions)
        self.form = frames.Form(stated, stated)
        self.walk: list[Observed] = []
        self.silent: Question | None = None
        self._values: dict[tuple[str, bytes], Values] = {}
        self._observed = [Observed(Shown()) for _ in questions.cases]
        self._numbers: dict[bytes, list[int]] = defaultdict(list)  # of the cases, by their digests
        self._times: Counter[bytes] = Counter()  # that each case was asked about
        for number, case in enumerate(questions.cases):
            self._numbers[case.digest].append(number)
        at = frames.HELLO.size
        for question, size in questions.sizes:
            end = at + size
            if end > len(record):
                self.silent = self.silent or question
                break
            self._keep(questions, question, record[at:end], file)
            at = end

    def _keep(self, questions: Questions, question: Question, frame: bytes, file: str) -> None:
        function = question.function
        if function == FORM_FOUND:
            self.form = frames.Form.decode(frame)
            return
        if function in OF_Z:
            z = questions.zs[question.number]
            self._values[function, z.tobytes()] = frames.decode_values(frame, function, z, file)
            return
        case = questions.case(question)
        observed = frames.decode(frame, function, case, file)
        if question.walk:
            self.walk.append(observed)
        else:
            before = self._observed[question.number]
            self._observed[question.number] = _together(before, observed, SHOWN_BY[function])

    def knows(self, case: Case) -> bool:
        """Whether it was asked about that case."""
        return case.digest in self._numbers

    def observe(self, case: Case) -> Observed:
        """What was observed of that case; asked a second time, what was the second time, if it was asked then."""
        numbers = self._numbers.get(case.digest)
        if not numbers:
            return Observed(Shown())
        self._times[case.digest] += 1
        return self._observed[numbers[min(self._times[case.digest], len(numbers)) - 1]]

    def rewound(self) -> Recorded:
        """The same, as if nothing had been asked yet."""
        other = copy.copy(self)
        other._times = Counter()
        return other

    def call(self, name: str, z: np.ndarray) -> Values:
        """sigmoid or sigmoid_prime of every z."""
        return self._values.get((name, z.tobytes()), (None, []))


def _together(before: Observed, one: Observed, names: Collection[str]) -> Observed:
    """With what one more function shows of the same case."""
    shown = {name: getattr(one.trace, name) for name in names if name not in ("weights", "biases")}
    trace = replace(before.trace, **shown, after=one.trace.after or before.trace.after)
    return Observed(trace, [*before.faults, *one.faults])
