"""Two mistakes at once: of the thousands of pairs, those that could give what is observed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from compare.diagnosis.case import Observed, Shown
from compare.diagnosis.facts import Fact, close, unlike
from compare.diagnosis.hypotheses import Hypothesis, Made, derivation_of
from compare.key import Key, find


@dataclass(frozen=True)
class Alone:
    """What one mistake does by itself, or none does: the quantities that it alters, and those it leaves unexplained."""

    alters: set[Key]
    unlike: set[Key]


def pairs(made: Sequence[Made], fact: Fact, right: Collection[str], wrong: Collection[str]) -> Iterator[Hypothesis]:
    """Every two that could explain one of the functions that are wrong, and alter none of those that are right.

    What only one of the two alters comes out as it does with that one alone, and what neither alters comes out right.
    In both orders where they are made in the same equation.
    """
    correct = _observed((), fact)
    alone = {one: _alone(one, fact, correct, [*right, *wrong]) for one in made}
    differs = {function: set(unlike(fact, function, correct)) for function in wrong}
    possible = [one for one in made if not any(alone[one][function].alters for function in right)]
    for a, b in combinations(possible, 2):
        if any(_could_be(alone[a][function], alone[b][function], differs[function]) for function in wrong):
            yield (a, b)
            if not set(a.mistake.equations).isdisjoint(b.mistake.equations):
                yield (b, a)


def _could_be(a: Alone, b: Alone, differs: set[Key]) -> bool:
    return (
        differs <= a.alters | b.alters
        and a.unlike.isdisjoint(a.alters - b.alters)
        and b.unlike.isdisjoint(b.alters - a.alters)
    )


def _alone(one: Made, fact: Fact, correct: Observed, functions: Collection[str]) -> dict[str, Alone]:
    other = _observed((one,), fact)
    return {name: Alone(_altered(fact, name, correct, other), set(unlike(fact, name, other))) for name in functions}


def _altered(fact: Fact, function: str, correct: Observed, other: Observed) -> set[Key]:
    """What is otherwise in the other one than it is in the correct one."""
    keys = [quantity.key for quantity in fact.of(function)]
    return {key for key in keys if not _alike(find(correct.trace, key), find(other.trace, key))}


def _alike(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return a is not None and b is not None and close(a, b)


def _observed(hypothesis: Hypothesis, fact: Fact) -> Observed:
    """Nothing at all, where it cannot be made with layers of these widths."""
    try:
        return derivation_of(hypothesis).observe(fact.case)
    except ValueError:
        return Observed(Shown())
