"""One submission from its bytes to its result: asked in the sandbox, and judged when its process has ended."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from compare.check.forms import different
from compare.check.subject import UPDATE
from compare.diagnosis.autograd import foreseen
from compare.grade.asking.asked import Asked, NotGradableError, Runs, ask
from compare.grade.asking.for_student import questions_for
from compare.grade.asking.questions import FORM_FOUND, Questions, askable
from compare.grade.assignment import Assignment
from compare.grade.judging.faults import told
from compare.grade.judging.grading import not_gradable, result_of, worst
from compare.grade.judging.judgement import Judgement
from compare.grade.judging.seen import Seen
from compare.grade.result import Result
from compare.grade.sandbox import Limits
from compare.grade.submitted import Submitted
from compare.grade.telling.clean import plain
from compare.submission.conventions import Conventions

IN_PART = "what it defines is graded all the same"


@dataclass(frozen=True)
class Grader:
    """Grades by one assignment, in one sandbox."""

    assignment: Assignment
    sandbox: Runs

    def result(self, submitted: Submitted) -> Result:
        """The result of one student; whatever the file does, this returns."""
        (result,) = self.results([submitted])
        return result

    def results(self, several: Sequence[Submitted], seconds: float = math.inf) -> Iterator[Result]:
        """Those of several students: when their processes have ended, all right answers are worked out together.

        Of the last ones none come where asking has taken so many seconds before it was their turn.
        """
        until = time.monotonic() + seconds
        first = [self._first(one) for k, one in enumerate(several) if k == 0 or time.monotonic() < until]
        together = [asked for asked in first if isinstance(asked, Asked) and len(first) > 1]
        with foreseen(case for asked in together for case in asked.cases):
            yield from map(self._result, several, first)

    def _first(self, submitted: Submitted) -> Asked | NotGradableError:
        """Asked with the numbers of the first trial."""
        try:
            return self._ask(submitted, self._questions(submitted, 0))
        except NotGradableError as e:
            return e

    def _result(self, submitted: Submitted, first: Asked | NotGradableError) -> Result:
        began = time.perf_counter()
        try:
            if isinstance(first, NotGradableError):
                raise first
            trials = [self._trial(submitted, k, None if k else first) for k in range(self.assignment.trials)]
        except NotGradableError as e:
            return not_gradable(submitted, self.assignment, str(e))
        return replace(worst(trials), seconds=round(first.run.seconds + time.perf_counter() - began, 3))

    def _trial(self, submitted: Submitted, trial: int, first: Asked | None) -> Result:
        """Asked with the numbers of one seed; in further forms, if it is wrong in the first by more than one mistake.

        The form is the one that it earns the most in, once its mistakes are named.
        """
        seed, L = self.assignment.seed(submitted.student, trial), self.assignment.layers
        found = [self._judged(submitted, first or self._ask(submitted, self._questions(submitted, trial)), seed)]
        for form in found[0].others:
            if found[-1].is_right or found[0].is_one_mistake:
                break
            asked = self._ask(submitted, questions_for(form, seed, L, strict=True))
            found.append(self._judged(submitted, asked, seed))
        best = max(found, key=lambda one: one.result.score if one.result else -1.0)
        if best.result is None or best.judgement is None:
            raise NotGradableError("its answers are in no form that can be asked for")
        if best.asked.broken and not any(check.points for check in best.result.checks if check.name != "update"):
            raise NotGradableError(best.asked.broken)  # what it lacks by that line is why nothing else is right
        if best.nothing_wrong:
            return best.result
        likely = [(best.asked, best.judgement)] if best.is_right else [(one.asked, one.judgement) for one in found]
        named = [self._told(submitted, asked, judgement.named) for asked, judgement in likely if judgement]
        return max(named, key=lambda result: result.score)

    def _questions(self, submitted: Submitted, trial: int) -> Questions:
        stated, seed = Conventions.parse(self.assignment.conventions), self.assignment.seed(submitted.student, trial)
        return questions_for(stated, seed, self.assignment.layers, self.assignment.strict)

    def _ask(self, submitted: Submitted, questions: Questions) -> Asked:
        limits = Limits(self.assignment.limits.seconds, self.assignment.limits.megabytes)
        return ask(self.sandbox, submitted, questions, limits)

    def _judged(self, submitted: Submitted, asked: Asked, seed: int) -> InOneForm:
        """Without names; no result where it has to be asked in another form, of those that come second."""
        recorded, form = asked.recorded, asked.recorded.form
        if recorded.silent and recorded.silent.function == FORM_FOUND:  # where it hangs is seen in the stated form
            if asked.questions.strict:
                raise NotGradableError(f"the file {asked.run.how}")
            return InOneForm(asked, None, (form.stated,))
        if not askable(asked.questions, form.form):
            return InOneForm(asked, None, (form.form, *form.others))
        if _takes_one(asked):
            alone = questions_for(form.form, seed, self.assignment.layers, strict=True, alone=True)
            asked = self._ask(submitted, alone)
        judgement = Judgement(asked, partial(self._again, submitted), self.assignment, seed)
        return InOneForm(asked, self._told(submitted, asked, judgement.nameless), form.others, judgement)

    def _told(self, submitted: Submitted, asked: Asked, seen: Seen) -> Result:
        unusable = next((told(fault) for fault in seen.report.faults if fault.kind == "network"), "")
        form = different(Conventions.parse(self.assignment.conventions), asked.recorded.form.form)
        printed = plain(asked.run.printed)
        result = result_of(submitted.student, seen, self.assignment, [] if unusable else form, printed)
        broken = f"{asked.broken.removesuffix(':')}; {IN_PART}" if asked.broken else ""
        return replace(result, message=broken or unusable)

    def _again(self, submitted: Submitted, questions: Questions, below: bytes = b"") -> Asked | None:
        try:
            return self._ask(replace(submitted, source=submitted.source + below), questions)
        except NotGradableError:
            return None


def _takes_one(asked: Asked) -> bool:
    """Whether the update was asked for no step of the trajectory, as it takes single examples."""
    recorded = asked.recorded
    answered = any(observed.trace.after or observed.faults for _, observed in asked.steps)
    return recorded.form.form.batch == "one" and UPDATE in recorded.offers and not (recorded.silent or answered)


@dataclass(frozen=True)
class InOneForm:
    """What a submission gets that was asked in one form, if it could be asked; and others to ask in."""

    asked: Asked
    result: Result | None
    others: tuple[Conventions, ...]
    judgement: Judgement | None = None

    @property
    def nothing_wrong(self) -> bool:
        """Whether no function is, be there points for it or not."""
        return self.judgement is not None and self.judgement.nameless.report.examination.right

    @cached_property
    def is_one_mistake(self) -> bool:
        """Whether one mistake of the bank explains all that is wrong, as it is in no form that is not meant."""
        if self.judgement is None:
            return False
        report = self.judgement.named.report
        made, functions = report.diagnosis.hypotheses, report.diagnosis.functions
        return bool(made) and all(len(one) == 1 for one in made) and functions >= {*report.examination.wrong}

    @property
    def is_right(self) -> bool:
        """Whether it has every point."""
        return self.result is not None and self.result.score == self.result.max_score
