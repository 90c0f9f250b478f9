"""What goes wrong in BP3: ∂C/∂b^l = δ^l, its mean or its sum over the mini-batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compare.diagnosis.equations import Equation, Step
from compare.diagnosis.mistake import mistake


@mistake(
    "BP3",
    name="∇b summed over the wrong axis",
    explanation="∇b is summed over the neurons and has an entry for each example; it has to be over the examples.",
    hint="How many biases does the layer have, and which axis of δ is as long?",
)
def over_the_wrong_axis(s: Step, l: int, right: Equation) -> np.ndarray:
    """∂C/∂b_x = Σ_j δ_xj."""
    return right(replace(s, deltas={**s.deltas, l: s.deltas[l].T}), l)


@mistake(
    "BP3",
    name="∇b summed over both axes",
    explanation="∇b is one number for a whole layer, the sum over all of δ; it has to be over the examples alone.",
    hint="Does every bias of a layer have the same influence on the cost?",
)
def over_both_axes(s: Step, l: int, right: Equation) -> np.ndarray:
    """∂C/∂b_j = Σ_x Σ_k δ_xk."""
    return np.full_like(s.biases[l], right(s, l).sum())


@mistake(
    "BP3",
    name="∇b the mean over both axes",
    explanation="∇b is one number for a whole layer, the mean of all of δ; it has to be over the examples alone.",
    hint="How many numbers does the mean that you take give, and how many biases are there?",
)
def mean_over_both_axes(s: Step, l: int, right: Equation) -> np.ndarray:
    """∂C/∂b_j = 1/n_l Σ_x Σ_k δ_xk."""
    return np.full_like(s.biases[l], right(s, l).mean())


@mistake(
    "BP3",
    name="∇b zero",
    explanation="∇b is 0; it has to be δ, taken over the mini-batch.",
    hint="Does the cost stay the same when a bias is changed a little?",
)
def zero(s: Step, l: int, right: Equation) -> np.ndarray:
    """∂C/∂b = 0."""
    return np.zeros_like(s.biases[l])


@mistake(
    "BP3",
    "BP4",
    name="δ of the layer above in ∇b and ∇w",
    explanation="∇b and ∇w of layer l are formed from δ^{l+1}; they have to be from δ^l, after BP2.",
    hint="In each turn of your loop, what comes first: the new error, or the gradient?",
)
@mistake(
    "BP3",
    name="δ of the layer above in ∇b",
    explanation="∇b of layer l is formed from δ^{l+1}; it has to be from δ^l.",
    hint="Does the error that ∇b is made of belong to the same layer as the bias?",
)
@mistake(
    "BP4",
    name="δ of the layer above in ∇w",
    explanation="∇w of layer l is formed from δ^{l+1}; it has to be from δ^l.",
    hint="Which two layers does a weight of w^l connect, and which two does your product take?",
)
def delta_of_the_layer_above(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^{l+1} in place of δ^l, below the output layer."""
    above = s.deltas[min(l + 1, s.L)]
    if above.shape != s.deltas[l].shape:
        raise ValueError(f"δ of layer {l + 1} takes the place of that of layer {l} only if they are as wide")
    return right(replace(s, deltas={**s.deltas, l: above}), l)
