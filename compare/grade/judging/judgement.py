"""One submission, asked in one form, is judged: what it shows, and what it is asked again for in new processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from compare.check.readings import Reading
from compare.check.subject import UPDATE
from compare.diagnosis.case import Case
from compare.grade.asking.asked import Asked
from compare.grade.asking.recorded import Recorded
from compare.grade.assignment import Assignment
from compare.grade.judging.examples import Examples, WithExamples
from compare.grade.judging.given import Given, given
from compare.grade.judging.grading import judged, with_mistakes
from compare.grade.judging.output_layer import lacks_hidden, of_the_output, without_hidden
from compare.grade.judging.own import Anew
from compare.grade.judging.seen import Seen
from compare.grade.judging.stepping import STANDS, doubtful, stands
from compare.submission.network_class import METHODS


@dataclass(frozen=True)
class Judgement:
    """Of the answers of one process.

    again  asks in another one, with a text below the file, and gives None where there are no answers
    """

    asked: Asked
    again: Callable[..., Asked | None]
    assignment: Assignment
    seed: int

    @cached_property
    def nameless(self) -> Seen:
        """What is seen, without the names of the mistakes, which take by far the longest."""
        return replace(self._plain, given=self._given)

    @cached_property
    def named(self) -> Seen:
        """The same with their names."""
        return with_mistakes(self.nameless)

    @cached_property
    def _plain(self) -> Seen:
        form, asked = self.asked.recorded.form, (self.asked.steps, self.asked.questions)
        seen = judged(self._subject, *asked, form.stated, form.form, self.assignment, self.seed)
        return replace(seen, silent=self.asked.recorded.silent, how=self.asked.run.how)

    @property
    def _subject(self) -> WithExamples:
        return WithExamples(self.asked.recorded.rewound(), self._examples)

    @cached_property
    def _examples(self) -> Examples:
        return Examples(self.asked, self.again)

    @cached_property
    def _given(self) -> Given:
        found = given(self._plain.report, self._subject, self._anew, self.asked.questions.cases, self._stated)
        found = replace(found, stands={"update": STANDS} if self._update_stands() else {})
        if self.asked.recorded.silent or not lacks_hidden(self._plain.report):
            return found
        fails = without_hidden(self._anew, self.asked.questions.cases[0], self._stated)
        return found if fails is None else of_the_output(found, fails)

    @property
    def _stated(self) -> Reading:
        return Reading.stated(self.asked.recorded.form.stated)

    @property
    def _anew(self) -> Anew:
        first = self.asked.questions.cases[:1]
        return Anew(
            functions=lambda zs: self._recorded((), zs, first), cases=lambda cases: self._recorded(METHODS, (), cases)
        )

    def _recorded(self, functions: Sequence[str], zs: Sequence[np.ndarray], cases: Sequence[Case]) -> Recorded | None:
        asked = self.again(self.asked.questions.only(self.asked.recorded.form.form, functions, zs, cases))
        return asked.recorded if asked else None

    def _update_stands(self) -> bool:
        """Whether an update that may be wrong by what backprop gives is right by what stands in for that."""
        recorded = self.asked.recorded
        if (recorded.silent and recorded.silent.function == UPDATE) or not doubtful(self._plain.report):
            return False
        return stands(self.asked.questions, recorded.form.form, self.seed, self.assignment.strict, self.again)
