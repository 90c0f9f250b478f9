"""A mistake of the catalogue: what it is called, where it is made, what it means, and how to make it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from compare.diagnosis.derivation import Planted
from compare.diagnosis.equations import Wrong, layers_of

MISTAKES: dict[str, Mistake] = {}


@dataclass(frozen=True)
class Mistake:
    """One entry of the bank.

    name         what it goes by, a few words
    equations    those that it is made in, the first of them the one that it is blamed on
    explanation  one sentence that says what is computed, and what should be
    hint         one sentence that leads there and does not give the answer away
    wrong        the right computation, transformed
    """

    name: str
    equations: tuple[str, ...]
    explanation: str
    hint: str
    wrong: Wrong

    @property
    def equation(self) -> str:
        """The equation that it is blamed on."""
        return self.equations[0]

    def layers(self, L: int) -> list[int]:
        """The layers of a network of L where it can be made by itself."""
        return sorted({l for equation in self.equations for l in layers_of(equation, L)})

    def planted(self, layer: int | None = None) -> Sequence[Planted]:
        """The mistake, to be planted in a derivation: in that layer, or in all."""
        return [Planted(equation, self.wrong, layer) for equation in self.equations]


def mistake(*equations: str, name: str, explanation: str, hint: str) -> Callable[[Wrong], Wrong]:
    """Enter a function ``wrong(step, layer, right)`` into the bank. Raises ValueError if the name is taken."""

    def register(wrong: Wrong) -> Wrong:
        if name in MISTAKES:
            raise ValueError(f"there are two mistakes by the name of {name!r}")
        MISTAKES[name] = Mistake(name, equations, explanation, hint, wrong)
        return wrong

    return register
