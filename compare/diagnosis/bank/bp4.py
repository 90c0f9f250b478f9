"""What goes wrong in BP4: ∂C/∂w^l = δ^l (a^{l−1})ᵀ, its mean or its sum over the mini-batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compare.diagnosis.equations import Equation, Step
from compare.diagnosis.mistake import mistake


@mistake(
    "BP4",
    name="∇w transposed",
    explanation="∇w is a δᵀ; it has to be δ aᵀ, in the shape of w.",
    hint="Which of the two indices of ∂C/∂w_jk belongs to the neuron that receives?",
)
def transposed(s: Step, l: int, right: Equation) -> np.ndarray:
    """∂C/∂w = a δᵀ: it has not the shape of w where the layers are not as wide."""
    return right(s, l).T


@mistake(
    "BP4",
    name="a of the wrong layer in ∇w",
    explanation="∇w is formed with a^l, the output of the weights; it has to be a^{l−1}, their input.",
    hint="Which activation is multiplied by w^l on the way forward?",
)
def activation_of_the_wrong_layer(s: Step, l: int, right: Equation) -> np.ndarray:
    """∂C/∂w = δ^l (a^l)ᵀ."""
    return _with_activation_of(l, s, l, right)


@mistake(
    "BP4",
    name="x in place of a in ∇w",
    explanation="∇w of every layer is formed with x; it has to be with a^{l−1}, the input of that layer.",
    hint="Which layer is it that the weights w^l take their input from?",
)
def input_in_every_layer(s: Step, l: int, right: Equation) -> np.ndarray:
    """∂C/∂w = δ^l xᵀ: it has not the shape of w above the first layer where that is not as wide as the input."""
    return _with_activation_of(0, s, l, right)


def _with_activation_of(layer: int, s: Step, l: int, right: Equation) -> np.ndarray:
    nabla = right(replace(s, activations={**s.activations, l - 1: s.activations[layer]}), l)
    if nabla.shape != s.weights[l].shape:
        raise ValueError(f"a of layer {layer} takes the place of that of layer {l - 1} only if they are as wide")
    return nabla


@mistake(
    "BP4",
    name="z in place of a in ∇w",
    explanation="∇w is formed with z of the layer below; it has to be its a.",
    hint="What exactly is it that w^l is multiplied by on the way forward?",
)
def z_in_place_of_a(s: Step, l: int, right: Equation) -> np.ndarray:
    """∂C/∂w = δ^l (z^{l−1})ᵀ, above the first layer."""
    return right(replace(s, activations=s.activations | s.zs), l)


@mistake(
    "BP4",
    name="∇w the product of two means",
    explanation="∇w is formed of the mean of δ and the mean of a; δ aᵀ has to be formed for each example first.",
    hint="Is the mean of a product the product of the means?",
)
def product_of_means(s: Step, l: int, right: Equation) -> np.ndarray:
    """∂C/∂w = (mean_x δ) (mean_x a)ᵀ; m times that if the cost is the sum."""
    delta, a = (rows.sum(axis=0, keepdims=True) / s.m for rows in (s.deltas[l], s.activations[l - 1]))
    means = replace(s, deltas={**s.deltas, l: delta}, activations={**s.activations, l - 1: a})
    return s.m * right(means, l)


@mistake(
    "BP4",
    name="∇w zero",
    explanation="∇w is 0; it has to be δ aᵀ, taken over the mini-batch.",
    hint="Does the cost stay the same when a weight is changed a little?",
)
def zero(s: Step, l: int, right: Equation) -> np.ndarray:
    """∂C/∂w = 0."""
    return np.zeros_like(s.weights[l])
