"""What goes wrong in BP1, δ^L = ∂C/∂a ⊙ σ′(z^L), and with σ′(z) = σ(z)(1 − σ(z)) itself, which BP1 is first to use."""

from __future__ import annotations

import numpy as np

from compare.diagnosis.equations import Equation, Step, prime, sigmoid
from compare.diagnosis.mistake import mistake


@mistake(
    "BP1",
    name="σ′ left out of BP1",
    explanation="δ^L is ∂C/∂a alone; it has to be multiplied by σ′(z^L), element by element.",
    hint="How does the cost depend on z^L? Write the chain rule from C to z^L, and count its factors.",
)
def sigma_prime_left_out(s: Step, L: int, right: Equation) -> np.ndarray:
    """δ^L = ∂C/∂a."""
    return s.nabla_a


@mistake(
    "BP1",
    name="σ′ twice in BP1",
    explanation="δ^L is ∂C/∂a ⊙ σ′(z^L) ⊙ σ′(z^L); σ′(z^L) has to be there once.",
    hint="What does the derivative of the cost, as you have it, contain already before BP1 is applied to it?",
)
def sigma_prime_twice(s: Step, L: int, right: Equation) -> np.ndarray:
    """δ^L = ∂C/∂a ⊙ σ′(z^L) ⊙ σ′(z^L)."""
    return right(s, L) * s.primes[L]


@mistake(
    "σ′",
    name="σ′ left out of BP1 and BP2",
    explanation="σ′ is 1 in every layer; δ has to be multiplied by σ′(z) in BP1 and in BP2.",
    hint="What lies between z and a, and where does its derivative stand in the chain rule?",
)
def sigma_prime_left_out_everywhere(s: Step, l: int, right: Equation) -> np.ndarray:
    """σ′ = 1."""
    return np.ones_like(s.zs[l])


@mistake(
    "σ′",
    name="σ′ of a in place of z",
    explanation="σ′ is σ(a)(1 − σ(a)), with the a that σ has been applied to already; it has to be taken of z.",
    hint="Where on the curve of σ is the slope asked for, and what is your σ′ given?",
)
def sigma_prime_of_a(s: Step, l: int, right: Equation) -> np.ndarray:
    """σ′(a)."""
    return prime(s.activations[l])


@mistake(
    "σ′",
    name="σ′ is z(1 − z)",
    explanation="σ′ is z(1 − z); it has to be a(1 − a), with a = σ(z).",
    hint="Can the slope of σ be negative, and can it exceed a quarter?",
)
def z_one_minus_z(s: Step, l: int, right: Equation) -> np.ndarray:
    """z (1 − z)."""
    return s.zs[l] * (1 - s.zs[l])


@mistake(
    "σ′",
    name="σ′ is σ(1 + σ)",
    explanation="σ′ is σ(z)(1 + σ(z)); it has to be σ(z)(1 − σ(z)).",
    hint="How steep is σ far to the right, where it is flat, and what does your σ′ give there?",
)
def one_plus_sigma(s: Step, l: int, right: Equation) -> np.ndarray:
    """σ (1 + σ)."""
    return sigmoid(s.zs[l]) * (1 + sigmoid(s.zs[l]))


@mistake(
    "σ′",
    name="σ′ is σ",
    explanation="σ′ is σ(z); it has to be σ(z)(1 − σ(z)).",
    hint="σ is flat at both ends; is your σ′ small at both?",
)
def sigma_itself(s: Step, l: int, right: Equation) -> np.ndarray:
    """σ."""
    return sigmoid(s.zs[l])


@mistake(
    "σ′",
    name="σ′ is 1 − σ",
    explanation="σ′ is e^−z / (1 + e^−z), which is 1 − σ(z); the denominator has to be squared: σ(z)(1 − σ(z)).",
    hint="Apply the quotient rule to σ once more, and look at the denominator.",
)
def one_minus_sigma(s: Step, l: int, right: Equation) -> np.ndarray:
    """1 − σ."""
    return 1 - sigmoid(s.zs[l])


@mistake(
    "σ′",
    name="σ′ is 1 − σ²",
    explanation="σ′ is 1 − σ(z)², as the slope of tanh is 1 − tanh²; it has to be σ(z)(1 − σ(z)).",
    hint="How steep is σ where z is 0, and what does your σ′ give there?",
)
def one_minus_sigma_squared(s: Step, l: int, right: Equation) -> np.ndarray:
    """1 − σ²."""
    return 1 - sigmoid(s.zs[l]) ** 2


@mistake(
    "σ′",
    name="σ′ has the wrong sign",
    explanation="σ′ is −σ(z)(1 − σ(z)); it has to be positive, since σ rises.",
    hint="Does σ rise or fall?",
)
def minus_sigma_prime(s: Step, l: int, right: Equation) -> np.ndarray:
    """−σ′."""
    return -right(s, l)
