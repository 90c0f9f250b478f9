"""What is kept from call to call: the same question has to have the same answer, and a like question its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from compare.check.parts import Part, wrong_about
from compare.check.readings import Reading
from compare.check.subject import FORWARD, GRADIENT, SHOWN_BY, Subject
from compare.diagnosis.autograd import expect
from compare.diagnosis.blame import charges
from compare.diagnosis.case import Case, Fault, Observed
from compare.diagnosis.facts import close
from compare.key import find, tensor


def kept(subject: Subject, case: Case, before: Observed) -> Iterator[Fault]:
    """A fault for each function whose numbers are others when it is asked the same again.

    A sum that is taken in another order has other bits and is no other answer.
    """
    again = subject.observe(case)
    for function, names in ((function, set(of)) for function, of in SHOWN_BY.items()):
        told: set[str] = set()
        for key in before.shown():
            if key.name in names - told and (
                (b := find(again.trace, key)) is None or not close(tensor(before.trace, key), b)
            ):
                yield Fault(
                    "state",
                    function,
                    f"{function} gave another {key.name}[{key.layer}] when it was asked the same again: "
                    "something is kept from call to call, or random; does each call begin from zero?",
                    tensor=f"{key.name}[{key.layer - 1}]",
                )
                told.add(key.name)


def stale(subject: Subject, case: Case, parts: Mapping[str, Part]) -> Iterator[Fault]:
    """A fault for each function that is right otherwise, and wrong about a case that is like an earlier one.

    A cache that is asked by the mini-batch, or by the shapes only, answers it with the numbers of the earlier one.
    """
    for likeness, other in alike(case).items():
        observed = subject.observe(other)
        wrong = wrong_about(other, observed, (part for part in parts.values() if part.fits))
        if {FORWARD, GRADIENT} <= set(wrong) and not _at_fault(parts[GRADIENT].reading, other, observed):
            wrong.remove(GRADIENT)  # it is right, given the activations that were kept
        for function in wrong:
            yield Fault(
                "state",
                function,
                f"{function} is right about each case that is new to it, and wrong about {likeness}: "
                "is an earlier answer kept?",
            )


def _at_fault(reading: Reading, case: Case, observed: Observed) -> bool:
    """Whether backprop is wrong given the activations that are shown."""
    case, observed = reading.asked([(case, observed)])[0]
    return any(charge.key.name in SHOWN_BY[GRADIENT] for charge in charges(case, observed, expect(case)))


def alike(case: Case) -> dict[str, Case]:
    """Cases with the shapes of an earlier one, by what they share with it."""
    return {
        "the same mini-batch with other weights": replace(
            case, weights=[-w for w in case.weights], biases=[-b for b in case.biases]
        ),
        "the same weights with another mini-batch of that size": replace(case, x=-case.x, y=case.y[:, ::-1].copy()),
    }
