"""The update of a file whose backprop keeps something from call to call: right, if it is asked first of all?

What backprop has kept is in every later step, and none of them tells whether the update itself is right.
"""

from __future__ import annotations

from collections.abc import Sequence

from compare.check.readings import Reading
from compare.check.subject import GRADIENT, UPDATE
from compare.diagnosis.case import Fault
from compare.diagnosis.judging import judge
from compare.grade.asking.asked import Asked
from compare.grade.asking.questions import Questions
from compare.submission.conventions import Conventions


def kept_by_backprop(faults: Sequence[Fault]) -> bool:
    """Whether both are others when they are asked the same again."""
    return {GRADIENT, UPDATE} <= {fault.function for fault in faults if fault.kind == "state"}


def update_first(questions: Questions, form: Conventions) -> Questions:
    """For a new process, in that form: a step from the first case, and nothing before it."""
    return questions.only(form, [UPDATE], cases=questions.cases[:1])


def holds(asked: Asked, stated: Reading) -> bool:
    """Whether that step goes down the gradient of the stated cost."""
    case, observed = stated.asked([(asked.questions.cases[0], asked.recorded.observe(asked.questions.cases[0]))])[0]
    shown = observed.trace.after is not None and not observed.faults
    return shown and not judge(case, observed, absolute=True, own=False).wrong()
