"""What holds with the values of a submission's own σ and σ′: no check is failed for a mistake in what it builds on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from compare.check.elementwise import Z
from compare.check.extremes import answers, moderate
from compare.check.readings import Reading
from compare.check.report import CheckReport
from compare.check.subject import FORWARD, SLOTS, UPDATE, Subject
from compare.diagnosis.case import Case
from compare.grade.judging.exactly import exactly
from compare.grade.judging.holding import BP, SGD, Known, failing, not_finite, seeming_wrong, tells
from compare.grade.judging.own import Functions, Own, own

NEARLY = 1e-9  # of activations, where differences are none
WILD = 50.0  # weights: with such ones some functions make much of rounding
SINGLE = 1e-6  # of a product in float32, whose rounding takes 1e-7


@dataclass(frozen=True)
class Given:
    """The checks that hold with the values that are wrong before them, and a reason for each; and those that do not.

    Where δ is read off a wrong ∇b, it is the others that seem wrong; with its own values, BP3 alone is.
    """

    holds: Mapping[str, str] = field(default_factory=dict)
    fails: frozenset[str] = frozenset()


def _wrong_functions(report: CheckReport) -> list[str]:
    """sigmoid and sigmoid_prime, where they are wrong and something else is, too, that may come of it.

    A sigmoid_prime that takes the activation is, if it is given z.
    """
    after = report.checks[len(report.elementwise) :]
    found = [function.name for function in report.elementwise if not function.right or function.of_a]
    return found if any(check.verdict == "wrong" for check in after) else []


def given(report: CheckReport, subject: Subject, functions: Functions, cases: Sequence[Case], stated: Reading) -> Given:
    """Of a report in which one of the two functions is wrong; ``functions`` asks for their values."""
    wrong = _wrong_functions(report)
    with np.errstate(all="ignore"):  # any numbers can come
        known = _known(subject, own(cases, functions, wrong), cases)
        holds = set(_forward(wrong, subject, known))
        fails = failing(report, subject, known[0], stated, wrong) if known else None
    if fails is not None:
        holds |= BP - fails
        holds |= {"update"} if SGD not in fails and not_finite(report, UPDATE) else set()
        given_z = {function.name for function in report.elementwise if function.of_a and seeming_wrong(report) - fails}
        fails = fails & BP | given_z
    reasons = {name: " and ".join(function for function in wrong if function != name) for name in holds}
    return Given(
        {name: f"right, given the values of your {names}" for name, names in reasons.items()}, frozenset(fails or ())
    )


def _known(subject: Subject, owns: Mapping[bytes, Own], cases: Sequence[Case]) -> list[Known]:
    """The cases in which little is made of rounding, and of these, those in which all is finite, if there are such."""
    mild = [case for case in cases if case.digest in owns and max(np.abs(w).max() for w in case.weights) < WILD]
    finite = [case for case in mild if np.isfinite(owns[case.digest].largest)]
    return [Known(case, subject.observe(case), owns[case.digest]) for case in finite or mild]


def _forward(wrong: Sequence[str], subject: Subject, known: Sequence[Known]) -> Iterator[str]:
    """What comes before backprop."""
    if len(wrong) == len(SLOTS) and _follows(subject):
        yield "sigmoid_prime"
    if "sigmoid" in wrong and _activations_follow(known):
        yield FORWARD


def _follows(subject: Subject) -> bool:
    """Whether sigmoid_prime is σ(1 − σ) of the σ that sigmoid gives, where e⁻ᶻ does not overflow."""
    near = moderate(Z)
    (a, *_), (values, *_) = (answers(subject, name, Z) for name in SLOTS)
    if a is None or values is None:
        return False
    single = np.array_equal(a, a.astype(np.float32))
    return tells(values[near]) and exactly(values[near], a[near] * (1 - a[near]), SINGLE if single else NEARLY)


def _activations_follow(known: Sequence[Known]) -> bool:
    """Whether the output is shown, and all that is are those activations. One number everywhere shows nothing."""
    outputs = [one.observed.trace.activations[-1] for one in known if one.observed.trace.activations]
    complete = len(outputs) == len(known) and all(a is not None for a in outputs)
    return complete and any(map(tells, outputs)) and all(map(_shows, known))


def _shows(one: Known) -> bool:
    pairs = list(zip(one.observed.trace.activations, one.own.activations, strict=True))
    return all(a is None or exactly(a[0], right, NEARLY) for a, right in pairs)
