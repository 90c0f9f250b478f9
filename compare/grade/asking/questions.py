"""What a submission is asked: every question, in the order in which they are put, and where its answer lies.

The functions are asked one after another, each about all cases: one that never returns costs those after it only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np

from compare.diagnosis.case import Case, Observed
from compare.grade.asking import frames
from compare.submission import wire
from compare.submission.conventions import Conventions
from compare.submission.network_class import METHODS, OF_Z, UPDATE

FORM_FOUND = "form"


@dataclass(frozen=True)
class Question:
    """One function, about one of the z or of the cases, or, of the trajectory, about one of its steps.

    FORM_FOUND is no function: it is found out then in which form the others are asked.
    """

    function: str
    number: int
    walk: bool = False


@dataclass(frozen=True)
class Questions:
    """All that one submission is asked.

    conventions  those that the assignment states; ``strict``: no others are tried
    zs           of sigmoid and sigmoid_prime
    cases        of the other functions; by the first it is found out in which form it can be asked
    walk         a trajectory from the first case's parameters: each update begins where the one before ended
    functions    those that are asked about the cases
    loading      the seconds that it may take to load the file
    """

    conventions: Mapping[str, str]
    strict: bool
    zs: list[np.ndarray]
    cases: list[Case]
    walk: list[Case]
    functions: Sequence[str] = METHODS
    loading: float = 60.0

    def order(self) -> Iterator[Question]:
        """Every question, in the order of their frames."""
        yield from (Question(function, k) for function in OF_Z for k in range(len(self.zs)))
        yield Question(FORM_FOUND, 0)
        yield from (Question(function, k) for function in self.functions for k in range(len(self.cases)))
        yield from (Question(UPDATE, k, walk=True) for k in range(len(self.walk)))

    def case(self, question: Question) -> Case:
        """What it is about."""
        return (self.walk if question.walk else self.cases)[question.number]

    def _size(self, question: Question) -> int:
        if question.function == FORM_FOUND:
            return frames.FORM.size
        if question.function in OF_Z:
            return frames.values_size(self.zs[question.number])
        return frames.size(question.function, self.case(question))

    @cached_property
    def sizes(self) -> list[tuple[Question, int]]:
        """Every question with the bytes of its frame."""
        return [(question, self._size(question)) for question in self.order()]

    @property
    def total(self) -> int:
        """The bytes of all frames, the first of which tells what loading gave."""
        return frames.HELLO.size + sum(size for _, size in self.sizes)

    def only(
        self,
        form: Conventions,
        functions: Sequence[str] = (),
        zs: Sequence[np.ndarray] = (),
        cases: Sequence[Case] | None = None,
    ) -> Questions:
        """For a new process, in that form: these functions of these cases and z, and nothing else."""
        cases = list(self.cases if cases is None else cases)
        return Questions(form.mapping, True, list(zs), cases, walk=[], functions=functions)

    def encode(self) -> bytes:
        """For the worker."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)} | {"functions": list(self.functions)}
        cases = [_packed(case) for case in self.cases]
        walk = [{"x": case.x, "y": case.y, "eta": case.eta} for case in self.walk]
        return wire.encode(plain | {"conventions": dict(self.conventions), "cases": cases, "walk": walk})

    @classmethod
    def decode(cls, message: bytes) -> Questions:
        """As the worker has them."""
        given = wire.decode(message)
        cases = [_unpacked(**case) for case in given["cases"]]
        walk = [replace(cases[0], **rest) for rest in given["walk"]]
        return cls(**given | {"cases": cases, "walk": walk})


def askable(questions: Questions, form: Conventions) -> bool:
    """Whether the cases can be put in that form: one without biases has no place for them."""
    return form.biases != "none" or not any(b.any() for case in questions.cases for b in case.biases)


def _packed(case: Case) -> dict[str, Any]:
    """Its arrays as one, as each has its price on the way."""
    arrays = (*case.weights, *case.biases, case.x, case.y)
    rest = {name: getattr(case, name) for name in ("eta", "factor", "summed")}
    return rest | {"shapes": [a.shape for a in arrays], "numbers": np.concatenate([a.ravel() for a in arrays])}


def _unpacked(shapes: Sequence[tuple[int, ...]], numbers: np.ndarray, **rest: Any) -> Case:
    ends = list(accumulate(map(prod, shapes)))
    arrays = [numbers[end - prod(shape) : end].reshape(shape) for shape, end in zip(shapes, ends, strict=True)]
    *layers, x, y = arrays
    L = len(layers) // 2
    return Case(layers[:L], layers[L:], x, y, **rest)


def going_on(case: Case, before: Observed) -> Case | None:
    """The case with the parameters that the step before it ended with; None if some of them did not come."""
    after = before.trace.after
    if after is None or len(after.weights) != case.L or any(a is None for a in (*after.weights, *after.biases)):
        return None
    biases = [b[0] for b in after.biases] or case.biases
    return replace(case, weights=[w[0] for w in after.weights], biases=biases)


def begun(cases: Sequence[Case], answer: Callable[[Case], Observed]) -> list[tuple[Case, Observed]]:
    """Each step's case with the parameters that it began with, and its answer, up to the first that did not end."""
    found: list[tuple[Case, Observed]] = []
    for case in cases:
        here = going_on(case, found[-1][1]) if found else case
        if here is None:
            break
        found.append((here, answer(here)))
    return found
