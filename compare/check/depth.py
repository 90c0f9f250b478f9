"""Networks with a layer fewer and a layer more: what is right about one depth can be wrong about another."""

from __future__ import annotations

from collections.abc import Iterator

from compare.check.examine import Examination
from compare.check.forms import without_biases
from compare.check.parts import wrong_about
from compare.check.subject import Subject
from compare.diagnosis.case import Fault
from compare.diagnosis.probes import probes


def of_another_depth(subject: Subject, examination: Examination, seed: int, L: int, biased: bool) -> Iterator[Fault]:
    """A fault for each function that gives wrong numbers about another depth.

    Code that is written for one depth, and breaks off or answers in another form at others, is no mistake.
    """
    for depth in (L - 1, L + 1):
        case = probes(seed, depth).batch
        case = examination.stated.case(case if biased else without_biases(case))
        observed = subject.observe(case)
        if observed.faults:
            continue
        for function in wrong_about(case, observed, examination.parts.values()):
            yield Fault(
                "deep",
                function,
                f"{function} is right about networks of {L} layers of weights, and wrong about {depth}: "
                "is the number of layers, or of one of them, written into it?",
            )
