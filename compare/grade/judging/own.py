"""A submission's own σ and σ′, where one of them is wrong: what comes of them in every case, if all else is right.

They are asked for in processes of their own, layer after layer, as the z of a layer come of the σ of the one before it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from compare.check.subject import Subject
from compare.diagnosis.case import Case
from compare.diagnosis.equations import prime, sigmoid

AROUND = 0.125  # of z, to both sides
STRAIGHT = 1e-12  # of σ's values there: rounding takes 1e-16
HALF = 0.5
RIGHT = {"sigmoid": sigmoid, "sigmoid_prime": prime}


@dataclass(frozen=True)
class Anew:
    """A submission as it answers in a new process; None where it does not.

    functions  asked for sigmoid and sigmoid_prime of these z
    cases      asked for all else of these cases
    """

    functions: Callable[[Sequence[np.ndarray]], Subject | None]
    cases: Callable[[Sequence[Case]], Subject | None]


@dataclass(frozen=True)
class Own:
    """Of one case, layer by layer: the activations (m, n_l) of its own σ, and its own σ′ (m, n_l) of their z.

    bends  whether σ does, around each z: that it is no straight line there
    """

    activations: list[np.ndarray]
    primes: list[np.ndarray]
    bends: list[np.ndarray]

    @property
    def largest(self) -> float:
        """The largest activation; NaN if one is no number."""
        return float(np.max([np.abs(a).max() for a in self.activations]))

    @property
    def straight(self) -> bool:
        """Whether σ is, at most z."""
        return bool(np.mean(np.concatenate([layer.ravel() for layer in self.bends])) < HALF)


def own(cases: Sequence[Case], anew: Anew, wrong: Sequence[str]) -> dict[bytes, Own]:
    """By the cases' digests: with its own function where that is wrong, and the right one where it is not.

    A case is left out from where its own function gives nothing; all are if none is wrong.
    """
    found = {case.digest: (case, Own([], [], [])) for case in cases if wrong}
    for l in range(max((case.L for case in cases), default=0)):
        if not found:
            break
        zs = {digest: _z(case, one.activations, l) for digest, (case, one) in found.items()}
        parts = [np.concatenate([(z + by).ravel() for by in (0, -AROUND, AROUND)]) for z in zs.values()]
        answers = anew.functions([np.concatenate(parts), *parts] if len(parts) > 1 else parts)
        values = (_values(answers, name, parts, wrong) for name in RIGHT)
        for (digest, z), a, primes in zip(zs.items(), *values, strict=True):
            if a is None or primes is None:
                del found[digest]
            else:
                here, below, above = a.reshape(3, *z.shape)
                found[digest][1].activations.append(here)
                found[digest][1].primes.append(primes[: z.size].reshape(z.shape))
                found[digest][1].bends.append(_bends(below, here, above))
    return {digest: one for digest, (_, one) in found.items()}


def _bends(below: np.ndarray, a: np.ndarray, above: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.abs(below - 2 * a + above) > STRAIGHT * (np.abs(below) + np.abs(above))


def _z(case: Case, activations: Sequence[np.ndarray], l: int) -> np.ndarray:
    with np.errstate(all="ignore"):
        return (activations[-1] if activations else case.x) @ case.weights[l].T + case.biases[l]


def _values(
    answers: Subject | None, name: str, parts: Sequence[np.ndarray], wrong: Sequence[str]
) -> Sequence[np.ndarray | None]:
    """Of all parts at once, or, where that breaks off, of each by itself."""
    if name not in wrong:
        with np.errstate(all="ignore"):
            return [RIGHT[name](z) for z in parts]
    if answers is None:
        return [None] * len(parts)
    together, _ = answers.call(name, np.concatenate(parts))
    if together is None:
        return [answers.call(name, z)[0] for z in parts]
    return np.split(together.astype(np.float64), np.cumsum([len(z) for z in parts])[:-1])
