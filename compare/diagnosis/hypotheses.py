"""Hypotheses: the right computation with one mistake of the bank, or two, and which of them give what is observed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

import compare.diagnosis.bank  # noqa: F401 - fills MISTAKES
from compare.diagnosis.derivation import Derivation
from compare.diagnosis.facts import Fact
from compare.diagnosis.mistake import MISTAKES, Mistake


@dataclass(frozen=True)
class Made:
    """A mistake, made in that layer only, or in every layer that its equations are for."""

    mistake: Mistake
    layer: int | None = None

    def __str__(self) -> str:
        """Its name, and the layer."""
        return self.mistake.name + (f" (layer {self.layer})" if self.layer else "")


Hypothesis = tuple[Made, ...]


def singles(L: int) -> list[Hypothesis]:
    """Every mistake in all its layers, and then in one of them only."""
    everywhere: list[Hypothesis] = [(Made(mistake),) for mistake in MISTAKES.values()]
    return everywhere + [
        (Made(mistake, layer),)
        for mistake in MISTAKES.values()
        if len(layers := mistake.layers(L)) > 1
        for layer in layers
    ]


def derivation_of(hypothesis: Hypothesis) -> Derivation:
    """The right computation with those mistakes made in it."""
    return Derivation([planted for made in hypothesis for planted in made.mistake.planted(made.layer)])


def explained(hypothesis: Hypothesis, facts: Sequence[Fact], needed: Collection[str]) -> set[str]:
    """The parts that an implementation with those mistakes would show as they are; none if none of those needed."""
    derivation, found = derivation_of(hypothesis), set(facts[0].parts)
    with np.errstate(all="ignore"):
        for fact in facts:
            if not (found := _explained(derivation, fact, found, needed)):
                break
    return found


def _explained(derivation: Derivation, fact: Fact, parts: Collection[str], needed: Collection[str]) -> set[str]:
    """Those of one case: most hypotheses fail at the first quantities, and what comes after is not worked out."""
    left = set(parts)
    try:
        for name, l, array in derivation.quantities(fact.case):
            came = fact.quantities.get((name, l))
            if came and came.part in left and not came.is_like(array):
                left.remove(came.part)
                if left.isdisjoint(needed):
                    return set()
    except ValueError:  # it cannot be made with layers of these widths
        return left if fact.misshapen else set()
    return left
