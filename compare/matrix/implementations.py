"""Owns the programs under test: right ones, written in several ways that round otherwise, and the bank's wrong ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

import compare.diagnosis.bank  # noqa: F401  # fills MISTAKES
from compare.diagnosis.case import Case, Observed
from compare.diagnosis.derivation import Derivation, Planted
from compare.diagnosis.equations import Equation, Step, sigmoid
from compare.diagnosis.mistake import MISTAKES
from compare.matrix.cases import SIZES, copied

L = len(SIZES) - 1


@dataclass(frozen=True)
class Program:
    """An implementation, by the equations that it writes otherwise than the book; ``wrong`` if that is a mistake."""

    name: str
    planted: Sequence[Planted]
    wrong: bool

    def observe(self, earlier: Case, case: Case) -> Observed | None:
        """What it shows of a case, after the mini-batch before it; None where its shapes do not fit."""
        running = Derivation(self.planted)
        try:
            running.observe(copied(earlier))
            return running.observe(copied(case))
        except ValueError:
            return None

    def exactly(self, earlier: Case, case: Case) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """In extended precision its gradients, nabla_w of each layer before nabla_b, and the parameters afterwards."""
        running = Derivation(self.planted)
        with np.errstate(all="ignore"):
            for one in (earlier, case):
                found = {(name, l): array for name, l, array in running.quantities(copied(one, np.longdouble))}
        first, second = (
            [found[name, l] for name in names for l in range(1, L + 1)]
            for names in (("nabla_w", "nabla_b"), ("weights", "biases"))
        )
        return first, second


def _in_sequence(terms: np.ndarray) -> np.ndarray:
    """The sum over the last axis, a term at a time."""
    total = np.zeros_like(terms[..., 0])
    for term in np.moveaxis(terms, -1, 0):
        total = total + term
    return total


def _stable(z: np.ndarray) -> np.ndarray:
    """σ by the exponential that is at most 1."""
    e = np.exp(-np.abs(z))
    return np.where(z < 0, e / (1 + e), 1 / (1 + e))


def _examples(s: Step, l: int) -> np.ndarray:
    return np.stack([np.outer(d, a) for d, a in zip(s.deltas[l], s.activations[l - 1], strict=True)], axis=-1)


REWRITTEN: dict[str, tuple[str, Equation]] = {
    "z a term at a time": (
        "z = wa + b",
        lambda s, l: _in_sequence(s.activations[l - 1][:, None, :] * s.weights[l]) + s.biases[l],
    ),
    "z an example at a time": (
        "z = wa + b",
        lambda s, l: np.stack([s.weights[l] @ a + s.biases[l] for a in s.activations[l - 1]]),
    ),
    "σ that cannot overflow": ("a = σ(z)", lambda s, l: _stable(s.zs[l])),
    "σ′ = a − a²": ("σ′", lambda s, l: s.activations[l] - s.activations[l] ** 2),
    "σ′ = σ(z)σ(−z)": ("σ′", lambda s, l: sigmoid(s.zs[l]) * sigmoid(-s.zs[l])),
    "BP2 from the last neuron on": (
        "BP2",
        lambda s, l: _in_sequence((s.deltas[l + 1][:, None, :] * s.weights[l + 1].T)[..., ::-1]) * s.primes[l],
    ),
    "BP3 as a mean": ("BP3", lambda s, l: (s.deltas[l] * (s.m / s.over)).mean(axis=0)),
    "BP4 an example at a time": ("BP4", lambda s, l: _in_sequence(_examples(s, l)) / s.over),
    "BP4 of δ/m": ("BP4", lambda s, l: (s.deltas[l] / s.over).T @ s.activations[l - 1]),
}


def right() -> Iterator[Program]:
    """The book's way, each other way, and all of them at once."""
    yield Program("as in the book", (), wrong=False)
    others = {name: _otherwise(*of) for name, of in REWRITTEN.items()}
    for name, planted in others.items():
        yield Program(name, [planted], wrong=False)
    yield Program("all that at once", list(others.values()), wrong=False)


def _otherwise(equation: str, way: Equation) -> Planted:
    return Planted(equation, lambda s, l, right: way(s, l))


def _one_sign(s: Step, l: int, right: Equation) -> np.ndarray:
    """Of an ordinary one: of the derivatives that are not 0, half are smaller."""
    nabla = right(s, l).copy()
    by_size = np.argsort(np.abs(nabla), axis=None)
    nabla.flat[by_size[(nabla.size + np.count_nonzero(nabla == 0)) // 2]] *= -1
    return nabla


# What is no mistake of the catalogue, as nobody derives it, but what a check is known to let through.
SLIPS = {
    "the sign of one ∂C/∂w_jk": _one_sign,
    "∇w all NaN": lambda s, l, right: np.full_like(right(s, l), np.nan),
}


def wrong(seed: int) -> Iterator[list[Program]]:
    """Of every mistake of the bank, the ways to make it: in all layers, or in one. The seed says which comes first."""
    for at, (name, ways) in enumerate(_ways()):
        first = (at + seed // 2) % len(ways)  # seeds 2k and 2k + 1 differ by the size of the mini-batch
        yield [Program(name, planted, wrong=True) for planted in ways[first:] + ways[:first]]


def _ways() -> Iterator[tuple[str, list[Sequence[Planted]]]]:
    for name, mistake in MISTAKES.items():
        yield name, [mistake.planted(layer) for layer in (None, *mistake.layers(L))]
    for name, slip in SLIPS.items():
        yield name, [[Planted("BP4", slip, layer)] for layer in range(1, L + 1)]
