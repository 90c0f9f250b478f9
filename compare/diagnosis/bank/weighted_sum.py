"""What goes wrong in z^l = w^l a^{l−1} + b^l."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compare.diagnosis.equations import Equation, Step
from compare.diagnosis.mistake import mistake


@mistake(
    "z = wa + b",
    name="bias left out",
    explanation="z is wa alone; the bias b has to be added to it.",
    hint="What should a neuron give when all its inputs are 0?",
)
def bias_left_out(s: Step, l: int, right: Equation) -> np.ndarray:
    """z^l = w^l a^{l−1}."""
    return right(replace(s, biases={**s.biases, l: 0 * s.biases[l]}), l)


@mistake(
    "z = wa + b",
    name="bias subtracted",
    explanation="z is wa − b; it has to be wa + b, since b is minus the threshold.",
    hint="Is b the threshold itself, or what it became when it was brought to the other side of the inequality?",
)
def bias_subtracted(s: Step, l: int, right: Equation) -> np.ndarray:
    """z^l = w^l a^{l−1} − b^l."""
    return right(replace(s, biases={**s.biases, l: -s.biases[l]}), l)


@mistake(
    "z = wa + b",
    name="w transposed in z",
    explanation="z is wᵀa + b; it has to be wa + b, since row j of w belongs to the neuron j that receives.",
    hint="Over which of the two indices of w_jk does the weighted sum of neuron j run?",
)
def weights_transposed(s: Step, l: int, right: Equation) -> np.ndarray:
    """z^l = (w^l)ᵀ a^{l−1} + b^l."""
    return right(replace(s, weights={**s.weights, l: s.weights[l].T}), l)


@mistake(
    "z = wa + b",
    name="z passed on in place of a",
    explanation="z of a layer above the first is computed from the z of the layer below; it has to be from its a.",
    hint="What is it that the neurons of a layer send to the next one?",
)
def z_passed_on(s: Step, l: int, right: Equation) -> np.ndarray:
    """z^l = w^l z^{l−1} + b^l."""
    return right(replace(s, activations=s.activations | s.zs), l)


@mistake(
    "z = wa + b",
    "a = σ(z)",
    name="z overwritten by a",
    explanation="z and a are the same array, so that z holds σ(z) and σ′ is taken of a; z has to be kept for σ′(z).",
    hint="Look at z after the forward pass: can all these numbers be weighted sums?",
)
def z_overwritten(s: Step, l: int, right: Equation) -> np.ndarray:
    """z^l = a^l = σ(w^l a^{l−1} + b^l)."""
    s.zs[l] = right(s, l)
    return s.zs[l]


@mistake(
    "z = wa + b",
    name="x divided by 255",
    explanation="The network divides x by 255; it has to take x as it is given, since the data are scaled already.",
    hint="Between which numbers does the x lie that the network is given, and between which the x that it uses?",
)
def x_scaled(s: Step, l: int, right: Equation) -> np.ndarray:
    """a^0 = x / 255."""
    if l == 1:
        s.activations[0] = s.activations[0] / 255
    return right(s, l)
