"""What goes wrong in a^l = σ(z^l)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compare.diagnosis.equations import Equation, Step
from compare.diagnosis.mistake import mistake


@mistake(
    "a = σ(z)",
    name="σ left out",
    explanation="a is z; it has to be σ(z).",
    hint="Between which two numbers does the output of a sigmoid neuron lie?",
)
def sigma_left_out(s: Step, l: int, right: Equation) -> np.ndarray:
    """a^l = z^l."""
    return s.zs[l]


@mistake(
    "a = σ(z)",
    name="σ left out in the hidden layers",
    explanation="a of the hidden layers is z; it has to be σ(z), as in the output layer.",
    hint="What can a network compute whose hidden neurons only add up?",
)
def sigma_left_out_in_the_hidden_layers(s: Step, l: int, right: Equation) -> np.ndarray:
    """a^l = z^l for l < L."""
    return s.zs[l] if l < s.L else right(s, l)


@mistake(
    "a = σ(z)",
    name="σ left out at the output",
    explanation="a^L is z^L; it has to be σ(z^L), as in every other layer.",
    hint="Are the neurons of the last layer of another kind than those before?",
)
def sigma_left_out_at_the_output(s: Step, l: int, right: Equation) -> np.ndarray:
    """a^L = z^L."""
    return s.zs[l] if l == s.L else right(s, l)


@mistake(
    "a = σ(z)",
    name="softmax at the output",
    explanation="a^L is the softmax of z^L; it has to be σ(z^L), each neuron by itself.",
    hint="Does the output of one neuron of the last layer depend on the z of its neighbours?",
)
def softmax(s: Step, l: int, right: Equation) -> np.ndarray:
    """a^L_j = e^{z_j} / Σ_k e^{z_k}."""
    powers = np.exp(s.zs[l] - s.zs[l].max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True) if l == s.L else right(s, l)


@mistake(
    "a = σ(z)",
    name="σ of −z",
    explanation="a is 1 / (1 + e^z), which is σ(−z); it has to be 1 / (1 + e^−z).",
    hint="Should a neuron give more or less when z grows?",
)
def sigma_of_minus_z(s: Step, l: int, right: Equation) -> np.ndarray:
    """a^l = σ(−z^l)."""
    return right(replace(s, zs={**s.zs, l: -s.zs[l]}), l)


@mistake(
    "a = σ(z)",
    name="brackets left out of σ",
    explanation="a is 1/1 + e^−z, as 1 / 1 + exp(−z) is read; it has to be 1 / (1 + e^−z).",
    hint="Which operation does Python carry out first?",
)
def brackets_left_out(s: Step, l: int, right: Equation) -> np.ndarray:
    """a^l = 1 + e^{−z}."""
    return 1 + np.exp(-s.zs[l])


@mistake(
    "a = σ(z)",
    name="minus in the denominator of σ",
    explanation="a is 1 / (1 − e^−z), which is infinite at z = 0; it has to be 1 / (1 + e^−z).",
    hint="What should a sigmoid neuron give where z is 0, and what does yours?",
)
def minus_in_the_denominator(s: Step, l: int, right: Equation) -> np.ndarray:
    """a^l = 1 / (1 − e^{−z})."""
    return 1 / (1 - np.exp(-s.zs[l]))


@mistake(
    "a = σ(z)",
    name="σ overflows",
    explanation="σ is computed as e^z / (1 + e^z), which is ∞/∞ for large z; it has to give 1 there.",
    hint="Which intermediate result does σ have for z of a thousand?",
)
def sigma_overflows(s: Step, l: int, right: Equation) -> np.ndarray:
    """a^l = e^z / (1 + e^z): right, but not a number where e^z is infinite."""
    return np.where(np.isinf(np.exp(s.zs[l])), np.nan, right(s, l))


@mistake(
    "a = σ(z)",
    "σ′",
    name="tanh in place of σ",
    explanation="a is tanh(z), whose slope is 1 − a²; it has to be σ(z), whose slope is a(1 − a).",
    hint="What does a sigmoid neuron give where z is 0?",
)
def tanh(s: Step, l: int, right: Equation) -> np.ndarray:
    """a^l = tanh(z^l), and σ′(z^l) = 1 − (a^l)²."""
    return 1 - s.activations[l] ** 2 if l in s.activations else np.tanh(s.zs[l])


@mistake(
    "a = σ(z)",
    "σ′",
    name="ReLU in place of σ",
    explanation="a is max(0, z), whose slope is 0 or 1; it has to be σ(z), whose slope is a(1 − a).",
    hint="Between which two numbers does the output of a sigmoid neuron lie, and where is it exactly 0?",
)
def relu(s: Step, l: int, right: Equation) -> np.ndarray:
    """a^l = max(0, z^l), and σ′(z^l) = 1 where that is positive, 0 where it is not."""
    return np.sign(s.activations[l]) if l in s.activations else np.maximum(s.zs[l], 0)


@mistake(
    "a = σ(z)",
    "σ′",
    name="ReLU in the hidden layers",
    explanation="a of the hidden layers is max(0, z); it has to be σ(z), as in the output layer.",
    hint="Which neurons of your network can give more than 1?",
)
def relu_in_the_hidden_layers(s: Step, l: int, right: Equation) -> np.ndarray:
    """a^l = max(0, z^l) for l < L, and its slope."""
    return relu(s, l, right) if l < s.L else right(s, l)


@mistake(
    "a = σ(z)",
    "σ′",
    name="tanh in the hidden layers",
    explanation="a of the hidden layers is tanh(z); it has to be σ(z), as in the output layer.",
    hint="Which neurons of your network can give less than 0?",
)
def tanh_in_the_hidden_layers(s: Step, l: int, right: Equation) -> np.ndarray:
    """a^l = tanh(z^l) for l < L, and its slope."""
    return tanh(s, l, right) if l < s.L else right(s, l)
