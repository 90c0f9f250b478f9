"""What goes wrong with the cost: ∂C/∂a = a − y of the half-squared cost, 2 (a − y) of the squared one."""

from __future__ import annotations

import numpy as np

from compare.diagnosis.equations import Equation, Step
from compare.diagnosis.mistake import mistake


@mistake(
    "∂C/∂a",
    name="∂C/∂a has the wrong sign",
    explanation="∂C/∂a is y − a; it has to be a − y, times the factor of the cost.",
    hint="Does the cost rise or fall when an output that is too large grows?",
)
def wrong_sign(s: Step, L: int, right: Equation) -> np.ndarray:
    """∂C/∂a = y − a."""
    return -right(s, L)


@mistake(
    "∂C/∂a",
    name="∂C/∂a doubled",
    explanation="∂C/∂a is twice what it should be: it has to be the derivative of the very cost that is stated.",
    hint="Differentiate the cost as it is stated, with the constant that stands in front of it.",
)
def doubled(s: Step, L: int, right: Equation) -> np.ndarray:
    """∂C/∂a = 2 (a − y) of the half-squared cost."""
    return 2 * right(s, L)


@mistake(
    "∂C/∂a",
    name="∂C/∂a halved",
    explanation="∂C/∂a is half of what it should be: it has to be the derivative of the very cost that is stated.",
    hint="Differentiate the square in the cost: what comes down from the exponent?",
)
def halved(s: Step, L: int, right: Equation) -> np.ndarray:
    """∂C/∂a = a − y of the squared cost."""
    return right(s, L) / 2


@mistake(
    "∂C/∂a",
    name="∂C/∂a a mean over the outputs",
    explanation="∂C/∂a is divided by the number of outputs; ‖y − a‖² is their sum, so it must not be.",
    hint="Is the cost of one example a sum over the outputs, or their mean?",
)
def mean_over_outputs(s: Step, L: int, right: Equation) -> np.ndarray:
    """∂C/∂a = (a − y) / n_L."""
    return right(s, L) / s.y.shape[1]


@mistake(
    "∂C/∂a",
    name="∂C/∂a of MSELoss",
    explanation="∂C/∂a is 2(a − y)/n_L, as of PyTorch's MSELoss; it has to be that of the cost as it is stated.",
    hint="Write down the cost that your framework's loss computes, beside the one that is stated.",
)
def mse_loss(s: Step, L: int, right: Equation) -> np.ndarray:
    """∂C/∂a = 2 (a − y) / n_L, whatever the factor of the cost."""
    return right(s, L) * (2 / s.factor) / s.y.shape[1]


@mistake(
    "∂C/∂a",
    name="the squares in place of ∂C/∂a",
    explanation="The squared errors of the cost itself stand where its derivative ∂C/∂a has to be.",
    hint="Can what you have for ∂C/∂a be negative?",
)
def squares(s: Step, L: int, right: Equation) -> np.ndarray:
    """∂C/∂a = ½ (a − y)²."""
    return s.factor / 2 * (s.activations[L] - s.y) ** 2


@mistake(
    "∂C/∂a",
    name="∂C/∂a divided by m",
    explanation="∂C/∂a is divided by m, and so is all that follows from it; it has to be that of one example's cost.",
    hint="In how many places is the mean over the mini-batch taken?",
)
def divided_by_m(s: Step, L: int, right: Equation) -> np.ndarray:
    """∂C/∂a = (a − y) / m, on the way to a gradient that has its own 1/m."""
    return right(s, L) / s.m


@mistake(
    "BP1",
    name="δ of the cross-entropy",
    explanation="δ^L is a − y, as the cross-entropy has it; the quadratic cost gives ∂C/∂a ⊙ σ′(z^L).",
    hint="For which cost was this δ^L derived?",
)
def of_the_cross_entropy(s: Step, L: int, right: Equation) -> np.ndarray:
    """δ^L = a^L − y."""
    return s.activations[L] - s.y
