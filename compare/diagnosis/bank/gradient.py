"""What goes wrong in BP3 and BP4 alike: the factor of the whole gradient."""

from __future__ import annotations

import numpy as np

from compare.diagnosis.equations import Equation, Step
from compare.diagnosis.mistake import mistake


@mistake(
    "BP3",
    "BP4",
    name="∇b and ∇w not divided by m",
    explanation="The gradient is the sum over the mini-batch; the cost is a mean, so it has to be divided by m.",
    hint="Give the same mini-batch twice over, as one of twice the size: what should become of the gradient?",
)
@mistake(
    "BP3",
    name="∇b not divided by m",
    explanation="∇b is the sum of δ over the mini-batch; the cost is a mean, so it has to be divided by m.",
    hint="∇w treats the mini-batch as the cost does; does ∇b?",
)
@mistake(
    "BP4",
    name="∇w not divided by m",
    explanation="∇w is the sum of δaᵀ over the mini-batch; the cost is a mean, so it has to be divided by m.",
    hint="∇b treats the mini-batch as the cost does; does ∇w?",
)
def not_divided_by_m(s: Step, l: int, right: Equation) -> np.ndarray:
    """The sum in place of the mean; no mistake if the cost is the sum."""
    return right(s, l) * s.over


@mistake(
    "BP3",
    "BP4",
    name="∇b and ∇w a mean in place of a sum",
    explanation="The gradient is divided by m; the cost is the sum over the mini-batch, so it must not be.",
    hint="Does the cost, as it is stated, grow with the number of examples?",
)
@mistake(
    "BP3",
    name="∇b a mean in place of a sum",
    explanation="∇b is divided by m; the cost is the sum over the mini-batch, so it must not be.",
    hint="Does the cost, as it is stated, grow with the number of examples, and does ∇b?",
)
@mistake(
    "BP4",
    name="∇w a mean in place of a sum",
    explanation="∇w is divided by m; the cost is the sum over the mini-batch, so it must not be.",
    hint="Does the cost, as it is stated, grow with the number of examples, and does ∇w?",
)
def mean_in_place_of_sum(s: Step, l: int, right: Equation) -> np.ndarray:
    """The mean in place of the sum; no mistake if the cost is the mean."""
    return right(s, l) * s.over / s.m


@mistake(
    "BP3",
    "BP4",
    name="∇b and ∇w divided by n",
    explanation="The sum over the mini-batch is divided by n, the size of the training set; it has to be by m.",
    hint="How many examples have a term in the gradient?",
)
@mistake(
    "BP3",
    name="∇b divided by n",
    explanation="∇b is divided by n, the size of the training set; it has to be by m, that of the mini-batch.",
    hint="How many examples have a term in ∇b?",
)
@mistake(
    "BP4",
    name="∇w divided by n",
    explanation="∇w is divided by n, the size of the training set; it has to be by m, that of the mini-batch.",
    hint="How many examples have a term in ∇w?",
)
def divided_by_n(s: Step, l: int, right: Equation) -> np.ndarray:
    """The sum over the mini-batch, divided by n."""
    return right(s, l) * s.over / s.n


@mistake(
    "BP3",
    "BP4",
    name="∇b and ∇w divided by n_0",
    explanation="The sum over the mini-batch is divided by n_0, the number of inputs; it has to be by m.",
    hint="Which axis of x counts the examples, and which the inputs?",
)
@mistake(
    "BP3",
    name="∇b divided by n_0",
    explanation="∇b is divided by n_0, the number of inputs; it has to be by m, that of the examples.",
    hint="Which axis of x counts the examples, and which does your ∇b count?",
)
@mistake(
    "BP4",
    name="∇w divided by n_0",
    explanation="∇w is divided by n_0, the number of inputs; it has to be by m, that of the examples.",
    hint="Which axis of x counts the examples, and which does your ∇w count?",
)
def divided_by_the_inputs(s: Step, l: int, right: Equation) -> np.ndarray:
    """The sum over the mini-batch, divided by the width of x."""
    return right(s, l) * s.over / s.activations[0].shape[1]


@mistake(
    "BP3",
    "BP4",
    name="∇b and ∇w divided by m twice",
    explanation="The gradient is the mean over the mini-batch, divided by m again; it has to be divided once.",
    hint="Follow one example from its δ to the gradient: what is its weight on arrival?",
)
def divided_by_m_twice(s: Step, l: int, right: Equation) -> np.ndarray:
    """The mean over the mini-batch, divided by m; no mistake if the cost is the sum."""
    return right(s, l) / s.over


@mistake(
    "BP3",
    "BP4",
    name="∇b and ∇w doubled",
    explanation="The gradient carries a factor 2 that δ has not; it has to be δ and δaᵀ over the mini-batch.",
    hint="The errors δ hold every constant of the cost; what is your gradient multiplied by after that?",
)
def doubled(s: Step, l: int, right: Equation) -> np.ndarray:
    """2/m in place of 1/m."""
    return 2 * right(s, l)


@mistake(
    "BP3",
    "BP4",
    name="∇b and ∇w multiplied by η",
    explanation="The gradient is multiplied by η, which SGD does once more; it has to be ∇C alone.",
    hint="Does the slope of the cost depend on how far you mean to walk?",
)
def multiplied_by_eta(s: Step, l: int, right: Equation) -> np.ndarray:
    """η∇C in place of ∇C."""
    return s.eta * right(s, l)
