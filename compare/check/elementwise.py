"""sigmoid and sigmoid_prime by themselves, over all the z that a float64 holds an answer for."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch

from compare.check.extremes import answers, moderate
from compare.check.subject import SLOTS, Subject
from compare.diagnosis.case import Fault
from compare.diagnosis.derivation import of_z
from compare.diagnosis.equations import Step
from compare.diagnosis.facts import close
from compare.diagnosis.judging import ratios, with_absolute_sigmoid
from compare.diagnosis.mistake import MISTAKES, Mistake
from compare.precision import PRECISIONS, Precision
from compare.tolerance import d_prime, d_sigmoid

Z = np.concatenate([np.linspace(-36, 36, 145), [-1e-8, 1e-8, -745.0, -710.0, -100.0, 100.0, 710.0, 745.0, -1e4, 1e4]])
TELLING = 1.0  # a z at which most wrong functions are others than at 0, and of which one knows what is right


@dataclass
class Elementwise:
    """What is known of one of the two functions.

    right     every value is within what rounding can do
    absolute  the error of small values is that of numbers near 1
    of_a      σ′ is taken of the activation: a ↦ a(1 − a)
    worst     the largest difference in units of its bound
    at        the z nearest to TELLING whose value is wrong, that value, and the one that is expected
    beyond    what it does, and from where on, at z whose e⁻ᶻ overflows; it is right at all others
    """

    name: str
    right: bool
    worst: float
    at: tuple[float, float, float] | None = None
    absolute: bool = False
    of_a: bool = False
    beyond: str = ""
    mistakes: list[Mistake] = field(default_factory=list)

    def __str__(self) -> str:
        """A value that is wrong, in a sentence."""
        z, actual, expected = self.at or (np.nan, np.nan, np.nan)
        return f"{self.name}({z:.6g}) is {actual!r}, expected {expected!r}"


def elementwise(subject: Subject, name: str, dtype: str = "float64") -> tuple[Elementwise | None, list[Fault]]:
    """Ask for every z, and judge. None if nothing came that could be judged."""
    z = Z.astype(dtype)
    values, faults, error = answers(subject, name, z)
    if values is None:
        return None, faults
    how = f"raises {error}" if error else "gives NaN" if name == "sigmoid_prime" else ""
    far = ~moderate(z) & np.isnan(values) & bool(how)
    with np.errstate(all="ignore"):
        found = _judge(name, z[~far], values[~far], PRECISIONS[dtype])
        if not (found.right and far.any()):
            found = found if error else _judge(name, z, values, PRECISIONS[dtype])
            return found, [] if found.of_a else faults
    found.beyond = _beyond(name, how, z, far)
    return found, [fault for fault in faults if fault.kind != "not finite"]


def _beyond(name: str, how: str, z: np.ndarray, far: np.ndarray) -> str:
    first = min(z[far], key=abs)
    return f"{name} {how} at z = {first:.6g}; right for |z| up to {np.abs(z[np.abs(z) < abs(first)]).max():.6g}"


def _judge(name: str, z: np.ndarray, values: np.ndarray, precision: Precision) -> Elementwise:
    a = torch.sigmoid(torch.tensor(z)).numpy().astype(np.float64)
    for absolute in (False, True):
        rounding = precision + (with_absolute_sigmoid(precision) if absolute else precision)
        expected, bound = (a, _sigmoid_bound(a, rounding)) if name == "sigmoid" else _prime(a, rounding)
        r = ratios(values, expected, bound)
        if r.max() <= 1:
            return Elementwise(name, True, float(r.max()), absolute=absolute)
    k = min(np.flatnonzero(~(r <= 1)), key=lambda k: abs(z[k] - TELLING))
    found = Elementwise(name, False, float(r.max()), (float(z[k]), float(values[k]), float(expected[k])))
    if name == "sigmoid_prime" and np.allclose(values, z * (1 - z), rtol=64 * precision.u, atol=0):
        found.right = found.of_a = True
    else:
        found.mistakes = [mistake for mistake in MISTAKES.values() if _explains(mistake, name, z, values)]
    return found


def _sigmoid_bound(a: np.ndarray, precision: Precision) -> np.ndarray:
    return d_sigmoid(a, np.zeros_like(a), precision)


def _prime(a: np.ndarray, precision: Precision) -> tuple[np.ndarray, np.ndarray]:
    """σ′ = σ(1 − σ), and its bound."""
    return a * (1 - a), d_prime(a, np.zeros_like(a), precision)


def _explains(mistake: Mistake, name: str, z: np.ndarray, values: np.ndarray) -> bool:
    if SLOTS[name] != mistake.equation:
        return False
    try:
        made = value(name, of_z(z, mistake.planted()))
    except (ValueError, IndexError, KeyError):  # it is about more than a function of z
        return False
    return close(values, made) and not close(value(name, of_z(z)), made)


def value(name: str, step: Step) -> np.ndarray:
    """What that function is in a step of one layer."""
    return (step.activations if name == "sigmoid" else step.primes)[1]
