"""The factors that people put into a gradient, or leave out of it, and what each of them goes by."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np

from compare.diagnosis.case import Case
from compare.key import Key


class Named(NamedTuple):
    """A factor, what it is, and a question that leads to it."""

    value: float
    words: str
    question: str


def factors(case: Case, key: Key) -> tuple[list[Named], list[Named]]:
    """The factors that have a name, and the products of two of them; 1 is none, however it comes about."""
    single = _sign(key) + _cost(case) + _mini_batch(case, key) + _eta(case, key)
    double = [
        Named(a.value * b.value, f"{a.words}, times {b.words}", a.question)
        for a, b in combinations_with_replacement(single, 2)
    ]
    return _without_one(single), _without_one(double)


def _without_one(names: list[Named]) -> list[Named]:
    return [name for name in names if not np.isclose(name.value, 1, rtol=1e-3)]


def zero(key: Key) -> str:
    """The question to ask of a tensor that is all 0."""
    if key.equation == "SGD":
        return "are these parameters updated at all?"
    return "is the result written into the array that is returned?"


def _sign(key: Key) -> list[Named]:
    question = "is it w − η∇C, or w + η∇C?" if key.equation == "SGD" else "is it a − y, or y − a?"
    return [Named(-1, "the sign", question)]


def _cost(case: Case) -> list[Named]:
    """The ½ of the quadratic cost, and the mean over the outputs."""
    n_L = case.sizes[-1]
    if case.factor == 1:
        two, half = "does the cost have its ½?", "does the square, differentiated, give its 2?"
    else:
        two, half = "does the square give its 2 once only?", "is there a ½ in the cost that should not be there?"
    named = [
        Named(2, "2", two),
        Named(1 / 2, "½", half),
    ]
    outputs = "does the cost sum over the outputs, or average over them?"
    for numerator in (1, 2):
        as_torch = ", as torch.nn.MSELoss has it" if numerator * case.factor == 2 else ""
        words = f"{numerator}/n_L with n_L = {n_L} outputs{as_torch}"
        named.append(Named(numerator / n_L, words, outputs))
    return named if n_L > 1 else named[:2]


def _mini_batch(case: Case, key: Key) -> list[Named]:
    """m and 1/m, as the mean or the sum over the mini-batch has them."""
    m = case.m
    if m == 1:
        return []
    if key.name == "deltas":
        many, few = "is anything multiplied by m?", "δ is that of one example: is it divided by m already?"
    elif case.summed:
        many, few = "is anything multiplied by m?", "the cost is the sum: did you divide by m?"
    else:
        many, few = "did you divide by m?", "did you divide by m twice?"
    return [Named(m, f"the batch size m = {m}", many), Named(1 / m, f"1/m with the batch size m = {m}", few)]


def _eta(case: Case, key: Key) -> list[Named]:
    if key.equation == "SGD":
        more, less = "is η in the gradient already?", "did you multiply the gradient by η?"
    else:
        more, less = "is this ∇C, or the step η∇C?", "is anything divided by η?"
    if not case.eta:
        return []
    return [Named(case.eta, f"η = {case.eta:.4g}", more), Named(1 / case.eta, f"1/η with η = {case.eta:.4g}", less)]
