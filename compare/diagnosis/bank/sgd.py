"""What goes wrong in the SGD step: w → w − η∇w, b → b − η∇b."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compare.diagnosis.equations import Equation, Step
from compare.diagnosis.mistake import mistake


@mistake(
    "SGD b",
    "SGD w",
    name="b and w updated with + in place of −",
    explanation="The step is w + η∇w, b + η∇b; it has to go against the gradient, with −.",
    hint="Does the cost rise or fall in the direction of its gradient?",
)
@mistake(
    "SGD b",
    name="b updated with + in place of −",
    explanation="The step is b + η∇b; it has to go against the gradient, with −.",
    hint="Do b and w both go downhill?",
)
@mistake(
    "SGD w",
    name="w updated with + in place of −",
    explanation="The step is w + η∇w; it has to go against the gradient, with −.",
    hint="Do w and b both go downhill?",
)
def uphill(s: Step, l: int, right: Equation) -> np.ndarray:
    """−η in place of η."""
    return right(replace(s, eta=-s.eta), l)


@mistake(
    "SGD b",
    "SGD w",
    name="η forgotten",
    explanation="The step is w − ∇w, b − ∇b; the gradient has to be multiplied by η.",
    hint="What does your step do with a learning rate of 0?",
)
@mistake(
    "SGD b",
    name="η forgotten for b",
    explanation="The step is b − ∇b; the gradient has to be multiplied by η.",
    hint="What does your step do to the biases with a learning rate of 0?",
)
@mistake(
    "SGD w",
    name="η forgotten for w",
    explanation="The step is w − ∇w; the gradient has to be multiplied by η.",
    hint="What does your step do to the weights with a learning rate of 0?",
)
def eta_forgotten(s: Step, l: int, right: Equation) -> np.ndarray:
    """1 in place of η."""
    return right(replace(s, eta=1), l)


@mistake(
    "SGD b",
    "SGD w",
    name="η squared",
    explanation="The gradient is multiplied by η twice; it has to be once.",
    hint="By which factor should the step grow when the learning rate is doubled?",
)
def eta_squared(s: Step, l: int, right: Equation) -> np.ndarray:
    """η² in place of η."""
    return right(replace(s, eta=s.eta**2), l)


@mistake(
    "SGD b",
    "SGD w",
    name="η divided by m",
    explanation="The step is η/m times the gradient, which is over the mini-batch already; it has to be η times.",
    hint="Where is it settled whether the mini-batch counts as a mean or as a sum: in the gradient, or in the step?",
)
def eta_over_m(s: Step, l: int, right: Equation) -> np.ndarray:
    """η/m in place of η."""
    return right(replace(s, eta=s.eta / s.m), l)


@mistake(
    "SGD b",
    "SGD w",
    name="η divided by n",
    explanation="The step is η/n times the gradient, with the size n of the training set; it has to be η times.",
    hint="Should the step from one mini-batch depend on how many others there are?",
)
def eta_over_n(s: Step, l: int, right: Equation) -> np.ndarray:
    """η/n in place of η."""
    return right(replace(s, eta=s.eta / s.n), l)


@mistake(
    "SGD b",
    "SGD w",
    name="nothing updated",
    explanation="The parameters are the same after the step; w − η∇w and b − η∇b have to take their place.",
    hint="Does the network hold the array that your step computes, or does only a local name?",
)
@mistake(
    "SGD b",
    name="biases not updated",
    explanation="The biases are the same after the step; b − η∇b has to take their place.",
    hint="List everything that the network learns, and look for the line that changes it.",
)
@mistake(
    "SGD w",
    name="weights not updated",
    explanation="The weights are the same after the step; w − η∇w has to take their place.",
    hint="List what the network learns, and look for the line that changes each.",
)
def not_updated(s: Step, l: int, right: Equation) -> np.ndarray:
    """0 in place of η."""
    return right(replace(s, eta=0), l)


@mistake(
    "SGD b",
    "SGD w",
    name="only the last layer updated",
    explanation="Only the parameters of the last layer change; those of every layer have to.",
    hint="How many layers does the loop of your step go through?",
)
def only_the_last_layer(s: Step, l: int, right: Equation) -> np.ndarray:
    """0 in place of η below the output layer."""
    return right(s, l) if l == s.L else not_updated(s, l, right)


@mistake(
    "SGD b",
    "SGD w",
    name="smaller mini-batch dropped",
    explanation="A mini-batch that is smaller than the first makes no step; it has to make one, as the others do.",
    hint="What does an epoch do when m is no divisor of n?",
)
def smaller_mini_batch_dropped(s: Step, l: int, right: Equation) -> np.ndarray:
    """0 in place of η where the mini-batch is smaller than the first."""
    first = s.memory.setdefault("m of the first, to tell what to drop", s.m)
    return not_updated(s, l, right) if s.m < first else right(s, l)
