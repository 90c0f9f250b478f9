"""A submission's own σ and σ′, where one of them is wrong: what comes of them in every case, if all else is right.

They are asked for in processes of their own, layer after layer, as the z of a layer come of the σ of the one before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from compare.check.subject import Subject
from compare.diagnosis.case import Case
from compare.diagnosis.derivation import prime, sigmoid

Functions = Callable[[Sequence[np.ndarray]], Subject | None]  # asked for these z; None where it does not answer
RIGHT = {"sigmoid": sigmoid, "sigmoid_prime": prime}


@dataclass(frozen=True)
class Own:
    """Of one case, layer by layer: the activations (m, n_l) of its own σ, and its own σ′ (m, n_l) of their z."""

    activations: list[np.ndarray]
    primes: list[np.ndarray]


def own(cases: Iterable[Case], functions: Functions, wrong: Sequence[str]) -> dict[bytes, Own]:
    """By the cases' digests: with its own function where that is wrong, and the right one where it is not.

    A case is left out from where its own function gives nothing; all are if none is wrong.
    """
    found = {case.digest: (case, Own([], [])) for case in cases if wrong}
    for l in range(max((case.L for case, _ in found.values()), default=0)):
        zs = {digest: _z(case, one.activations, l) for digest, (case, one) in found.items()}
        answers = functions([z.ravel() for z in zs.values()])
        for digest, z in zs.items():
            a, primes = (_values(answers, name, z, wrong) for name in RIGHT)
            if a is None or primes is None:
                del found[digest]
            else:
                found[digest][1].activations.append(a)
                found[digest][1].primes.append(primes)
    return {digest: one for digest, (_, one) in found.items()}


def _z(case: Case, activations: Sequence[np.ndarray], l: int) -> np.ndarray:
    with np.errstate(all="ignore"):
        return (activations[-1] if activations else case.x) @ case.weights[l].T + case.biases[l]


def _values(answers: Subject | None, name: str, z: np.ndarray, wrong: Sequence[str]) -> np.ndarray | None:
    if name not in wrong:
        with np.errstate(all="ignore"):
            return RIGHT[name](z)
    values = answers.call(name, z.ravel())[0] if answers else None
    return None if values is None else np.asarray(values, np.float64).reshape(z.shape)
