"""What goes wrong in BP3 and BP4 alike: which examples of the mini-batch the gradient is made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compare.diagnosis.equations import Equation, Layers, Step
from compare.diagnosis.mistake import mistake

FIRST, LAST = slice(0, 1), slice(-1, None)
ALL_BUT_THE_FIRST, ALL_BUT_THE_LAST = slice(1, None), slice(0, -1)


def _of(examples: slice, s: Step) -> Step:
    def rows(layers: Layers) -> Layers:
        return {l: array[examples] for l, array in layers.items()}

    return replace(s, y=s.y[examples], deltas=rows(s.deltas), activations=rows(s.activations))


@mistake(
    "BP3",
    "BP4",
    name="∇b and ∇w of the first example only",
    explanation="The gradient is that of the first example; it has to be taken over all of the mini-batch.",
    hint="Change the last example of a mini-batch: should the gradient change, and does it?",
)
@mistake(
    "BP3",
    name="∇b of the first example only",
    explanation="∇b is δ of the first example; it has to be taken over all of the mini-batch.",
    hint="Change the last example of a mini-batch: should ∇b change, and does it?",
)
@mistake(
    "BP4",
    name="∇w of the first example only",
    explanation="∇w is δaᵀ of the first example; it has to be taken over all of the mini-batch.",
    hint="Change the last example of a mini-batch: should ∇w change, and does it?",
)
def first_only(s: Step, l: int, right: Equation) -> np.ndarray:
    """The gradient of the first example's cost."""
    return right(replace(_of(FIRST, s), over=1), l)


@mistake(
    "BP3",
    "BP4",
    name="∇b and ∇w of the last example only",
    explanation="The gradient is that of the last example; it has to be taken over all of the mini-batch.",
    hint="Change the first example of a mini-batch: should the gradient change, and does it?",
)
@mistake(
    "BP3",
    name="∇b of the last example only",
    explanation="∇b is δ of the last example; it has to be taken over all of the mini-batch.",
    hint="Change the first example of a mini-batch: should ∇b change, and does it?",
)
@mistake(
    "BP4",
    name="∇w of the last example only",
    explanation="∇w is δaᵀ of the last example; it has to be taken over all of the mini-batch.",
    hint="Change the first example of a mini-batch: should ∇w change, and does it?",
)
def last_only(s: Step, l: int, right: Equation) -> np.ndarray:
    """The gradient of the last example's cost."""
    return right(replace(_of(LAST, s), over=1), l)


@mistake(
    "BP3",
    "BP4",
    name="∇b and ∇w overwritten by each example",
    explanation="The gradient of each example replaces the one before (= for +=); they have to be added up.",
    hint="What does your loop over the examples keep from its earlier turns?",
)
@mistake(
    "BP3",
    name="∇b overwritten by each example",
    explanation="The δ of each example replaces the one before in ∇b (= for +=); they have to be added up.",
    hint="What does ∇b keep from the earlier turns of your loop over the examples?",
)
@mistake(
    "BP4",
    name="∇w overwritten by each example",
    explanation="The δaᵀ of each example replaces the one before in ∇w (= for +=); they have to be added up.",
    hint="What does ∇w keep from the earlier turns of your loop over the examples?",
)
def overwritten(s: Step, l: int, right: Equation) -> np.ndarray:
    """1/m of the last example's gradient; that gradient itself if the cost is the sum."""
    return right(_of(LAST, s), l)


@mistake(
    "BP3",
    "BP4",
    name="first example left out",
    explanation="The first example of the mini-batch has no part in the gradient; all of them have to.",
    hint="Count the terms of the sum over the mini-batch, and compare the count with what you divide by.",
)
def first_left_out(s: Step, l: int, right: Equation) -> np.ndarray:
    """The sum from the second example on."""
    return right(_of(ALL_BUT_THE_FIRST, s), l)


@mistake(
    "BP3",
    "BP4",
    name="last example left out",
    explanation="The last example of the mini-batch has no part in the gradient; all of them have to.",
    hint="Count the turns of your loop over the mini-batch, and compare the count with what you divide by.",
)
def last_left_out(s: Step, l: int, right: Equation) -> np.ndarray:
    """The sum up to the last example but one."""
    return right(_of(ALL_BUT_THE_LAST, s), l)
