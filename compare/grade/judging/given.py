"""What holds with the values of a submission's own σ and σ′: no check is failed for a mistake in what it builds on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from compare.check.elementwise import Z
from compare.check.extremes import answers, moderate
from compare.check.readings import Reading
from compare.check.report import CheckReport
from compare.check.subject import FORWARD, SLOTS, UPDATE, Subject
from compare.diagnosis.case import Case, one_by_one
from compare.grade.judging.exactly import exactly
from compare.grade.judging.holding import BP, SGD, Known, failing, not_finite, seeming_wrong, tells
from compare.grade.judging.own import Anew, own
from compare.grade.judging.passing import failing_after_feedforward

NEARLY = 1e-9  # of activations, where differences are none
GENTLE = 0.1  # of the weights and biases
LARGE = 1e3  # an activation
WILD = 50.0  # weights: with such ones some functions make much of rounding
SINGLE = 1e-6  # of a product in float32, whose rounding takes 1e-7


@dataclass(frozen=True)
class Given:
    """What is known of some checks beside what they show, with a reason for each.

    holds   with the values that are wrong before it
    fails   does not, though it seems to: where δ is read off a wrong ∇b, it is the others that seem wrong
    stands  is shown otherwise, as what it is to be shown by gives nothing
    lacks   is not there at all
    """

    holds: Mapping[str, str] = field(default_factory=dict)
    fails: frozenset[str] = frozenset()
    stands: Mapping[str, str] = field(default_factory=dict)
    lacks: Mapping[str, str] = field(default_factory=dict)


def _wrong_functions(report: CheckReport) -> list[str]:
    """sigmoid and sigmoid_prime, where they are wrong; one that takes the activation is, if it is given z."""
    return [function.name for function in report.elementwise if not function.right or function.of_a]


def _goes_on(report: CheckReport) -> bool:
    """Whether something after them is wrong, too, that may come of it."""
    return any(check.verdict == "wrong" for check in report.checks[len(report.elementwise) :])


def given(report: CheckReport, subject: Subject, anew: Anew, cases: Sequence[Case], stated: Reading) -> Given:
    """Of a report in which one of the two functions is wrong, or feedforward is and shows its output alone."""
    if wrong := _wrong_functions(report):
        return _given_functions(report, subject, anew, cases, stated, wrong)
    mild = next(filter(_is_mild, cases), None)
    with np.errstate(all="ignore"):
        fails = failing_after_feedforward(report, subject, anew, mild, stated) if mild else None
    return Given() if fails is None else _given(BP - fails, [FORWARD], fails & BP)


def _given(holds: Collection[str], functions: Sequence[str], fails: Collection[str]) -> Given:
    reasons = {name: " and ".join(function for function in functions if function != name) for name in holds}
    told = {name: f"right, given the values of your {names}" for name, names in reasons.items()}
    return Given(told, frozenset(fails))


def _given_functions(
    report: CheckReport,
    subject: Subject,
    anew: Anew,
    cases: Sequence[Case],
    stated: Reading,
    wrong: Sequence[str],
) -> Given:
    with np.errstate(all="ignore"):  # any numbers can come
        known = _known(subject, anew, cases, wrong) if _goes_on(report) else []
        holds = set(_forward(wrong, subject, known))
        fails = failing(report, _telling(known, anew), stated, wrong) if known else None
    if fails is not None:
        holds |= BP - fails
        holds |= {"update"} if SGD not in fails and not_finite(report, UPDATE) else set()
        given_z = {function.name for function in report.elementwise if function.of_a and seeming_wrong(report) - fails}
        fails = fails & BP | given_z
    return _given(holds, wrong, fails or ())


def _is_mild(case: Case) -> bool:
    return max(np.abs(w).max() for w in case.weights) < WILD


def _known(subject: Subject, anew: Anew, cases: Sequence[Case], wrong: Sequence[str]) -> list[Known]:
    """The cases in which little is made of rounding, and of these, those in which no activation is large.

    If there are none such, one is asked about in which the weights are small.
    """
    found = _with_own(subject, anew, list(filter(_is_mild, cases)), wrong)
    return _tame(found) or _tame(_gently(anew, cases[0], wrong)) or found


def _telling(known: Sequence[Known], anew: Anew) -> Known:
    """The first case; or, where its own σ′ is one number in a layer, another that it is asked about anew."""
    found = next((one for one in known if one.case.m > 1 and all(map(tells, one.own.primes))), known[0])
    subject = anew.cases([found.case, *one_by_one(found.case)]) if found is not known[0] else None
    return replace(found, subject=subject, observed=subject.observe(found.case)) if subject else known[0]


def _tame(known: Sequence[Known]) -> list[Known]:
    return [one for one in known if one.own.largest < LARGE]


def _with_own(subject: Subject, anew: Anew, cases: Sequence[Case], wrong: Sequence[str]) -> list[Known]:
    owns = own(cases, anew, wrong)
    return [Known(case, subject, subject.observe(case), owns[case.digest]) for case in cases if case.digest in owns]


def _gently(anew: Anew, case: Case, wrong: Sequence[str]) -> list[Known]:
    weights, biases = ([GENTLE * array for array in of] for of in (case.weights, case.biases))
    gentle = replace(case, weights=weights, biases=biases)
    subject = anew.cases([gentle, *one_by_one(gentle)])
    return _with_own(subject, anew, [gentle], wrong) if subject else []


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
