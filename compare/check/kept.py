"""What is kept from call to call: the same question has to have the same answer."""

from __future__ import annotations

from collections.abc import Iterator

from compare.check.subject import SHOWN_BY, Subject
from compare.diagnosis.case import Case, Fault, Observed
from compare.diagnosis.hypotheses import close
from compare.key import find, tensor


def kept(subject: Subject, case: Case, before: Observed) -> Iterator[Fault]:
    """A fault for each function whose numbers are others when it is asked the same again.

    A sum that is taken in another order has other bits and is no other answer.
    """
    again = subject.observe(case)
    for function, names in SHOWN_BY.items():
        for key in before.shown():
            if key.name in names and ((b := find(again.trace, key)) is None or not close(tensor(before.trace, key), b)):
                yield Fault(
                    "state",
                    function,
                    f"{function} gave another {key.name}[{key.layer}] when it was asked the same again: "
                    "something is kept from call to call, or random; does each call begin from zero?",
                )
                break
