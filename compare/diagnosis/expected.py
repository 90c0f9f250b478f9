"""Owns what a right implementation gives for a case, in its own form: autograd's values, and what rounding allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from compare.diagnosis.autograd import bounds_of, expect
from compare.diagnosis.case import Case
from compare.diagnosis.judging import with_absolute_sigmoid
from compare.key import Key, tensor
from compare.precision import PRECISIONS, Precision
from compare.ratio import update_bound
from compare.submission.conventions import Conventions
from compare.tolerance import Bounds
from compare.trace import Trace

LEAST = 4  # units roundoff of the largest element that each tensor may be off


class Expected(NamedTuple):
    """One tensor: what it is called, its values in the form that the code has it, and how far each may be off."""

    name: str
    values: np.ndarray
    allowed: float


class Right:
    """Autograd's trace of a case, and its bounds, in the code's own form: an Expected for each layer."""

    def __init__(self, case: Case, conventions: Conventions, absolute: bool = False) -> None:
        """``absolute`` allows a sigmoid that is good to an absolute error, as ``judge`` does."""
        self.case, self.c = case, conventions
        own = PRECISIONS[case.x.dtype.name]
        self.precision: Precision = (with_absolute_sigmoid(own) if absolute else own) + own
        self.trace: Trace = expect(case)
        self.bound: Bounds = bounds_of(case, self.precision)
        self.sign = -1.0 if conventions.sign == "minus" else 1.0

    @property
    def activations(self) -> list[Expected]:
        """From x, which has to be there as it is, to a^L."""
        found = [self._expected("a = σ(wa + b)", "activations", l, self._form) for l in self._layers]
        return [Expected("the input: activations[0]", self._form(self.case.x), 0.0), *found]

    @property
    def deltas(self) -> list[Expected]:
        """δ^1 … δ^L."""
        form = self._signed(self._form)
        return [self._expected("BP1" if l == self.case.L else "BP2", "deltas", l, form) for l in self._layers]

    @property
    def nabla_w(self) -> list[Expected]:
        """∂C/∂w^l, with ∂C/∂b^l in it where the biases are a line of the weights."""
        return self._weights("BP4", "nabla_w", "BP3", "nabla_b", self.sign)

    @property
    def nabla_b(self) -> list[Expected]:
        """∂C/∂b^l; none where there is no list of them."""
        form = self._signed(lambda b: self.c.biases_of([b])[0])
        return [self._expected("BP3", "nabla_b", l, form) for l in self._layers] if self.c.separate else []

    @property
    def weights(self) -> list[Expected]:
        """w^l − η ∂C/∂w^l, with the biases in it where they are a line of it."""
        return self._weights("SGD", "weights", "SGD", "biases", 1.0)

    @property
    def biases(self) -> list[Expected]:
        """b^l − η ∂C/∂b^l; none where there is no list of them."""
        layers = self._layers if self.c.separate else range(0)
        return [self._expected("SGD", "biases", l, lambda b: self.c.biases_of([b])[0]) for l in layers]

    @property
    def _layers(self) -> range:
        return range(1, self.case.L + 1)

    def _weights(self, equation: str, name: str, of_biases: str, biases: str, sign: float) -> list[Expected]:
        found = []
        for l in self._layers:
            (w, dw), (b, db) = self._values(Key(equation, name, l)), self._values(Key(of_biases, biases, l))
            b = np.zeros_like(b) if self.c.biases == "none" else b
            allowed = max(dw, db) if self.c.folded else dw
            called = f"{of_biases} and {equation}" if self.c.folded and of_biases != equation else equation
            array = self.c.weights_of([w], [b])[0]
            found.append(Expected(_name(called, name, l), sign * array + 0.0, allowed))
        return found

    def _expected(self, equation: str, name: str, l: int, form: Callable[[np.ndarray], np.ndarray]) -> Expected:
        values, allowed = self._values(Key(equation, name, l))
        return Expected(_name(equation, name, l), form(values), allowed)

    def _values(self, key: Key) -> tuple[np.ndarray, float]:
        """Canonical values, and the most that one of them may be off."""
        if key.equation == "SGD":
            values, bound = self._updated(key)
        else:
            values, bound = tensor(self.trace, key)[0], self.bound.at(key, 0)
        return values, float(max(np.max(bound), LEAST * self.precision.u * np.max(np.abs(values))))

    def _updated(self, key: Key) -> tuple[np.ndarray, np.ndarray]:
        nabla = Key(*(("BP4", "nabla_w") if key.name == "weights" else ("BP3", "nabla_b")), key.layer)
        step = self.case.eta * tensor(self.trace, nabla)[0]
        after = tensor(self.case.before, key)[0] - step
        return after, update_bound(after, step, self.precision) + self.case.eta * self.bound.at(nabla, 0)

    def _form(self, examples: np.ndarray) -> np.ndarray:
        """Examples as rows, as the code wants them: all of them, or the only one."""
        return self.c.example_of(examples[0]) if self.c.one_by_one else self.c.examples_of(examples)

    def _signed(self, form: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
        return lambda array: self.sign * form(array) + 0.0  # + 0.0: there is no −0 in it


def _name(equation: str, name: str, l: int) -> str:
    return f"{equation}, layer {l}: {name}"


def by_call(case: Case, conventions: Conventions) -> Sequence[Case]:
    """The cases of single calls: the case itself, or where the code takes one example at a time, one of each."""
    if not conventions.one_by_one:
        return [case]
    rows: Iterable[slice] = (slice(i, i + 1) for i in range(case.m))
    return [replace(case, x=case.x[row], y=case.y[row]) for row in rows]
