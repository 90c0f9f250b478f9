"""What goes wrong between the equations: what is kept too long, and what is overwritten too early."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compare.diagnosis.equations import Equation, Step
from compare.diagnosis.mistake import mistake


@mistake(
    "BP3",
    "BP4",
    name="gradient accumulated",
    explanation="The gradient of a mini-batch is added to those before; it has to start from 0 each time.",
    hint="Take the gradient of the same mini-batch twice in a row: should the second be any different?",
)
def accumulated(s: Step, l: int, right: Equation) -> np.ndarray:
    """The sum of the gradients of all mini-batches so far."""
    nabla = right(s, l)
    key = ("accumulated", l, nabla.ndim)
    s.memory[key] = s.memory.get(key, 0) + nabla
    return s.memory[key]


@mistake(
    "BP3",
    "BP4",
    name="divided by the first mini-batch's m",
    explanation="The sum over a mini-batch is divided by the size of the first one; it has to be by its own size.",
    hint="What does your code take for the number of examples when a mini-batch is smaller than the others?",
)
def divided_by_the_first_m(s: Step, l: int, right: Equation) -> np.ndarray:
    """Σ over the mini-batch, divided by the m of the first; no mistake if the cost is the sum."""
    return right(s, l) * s.over / s.memory.setdefault("m of the first, to divide by", s.over)


@mistake(
    "z = wa + b",
    name="examples reused",
    explanation="Every mini-batch is made of the examples of the first; each has to be made of the next ones.",
    hint="Does the start of the slice move on from one mini-batch to the next?",
)
def examples_reused(s: Step, l: int, right: Equation) -> np.ndarray:
    """x and y of the first mini-batch, its first m examples."""
    if l == 1:
        m = s.m
        x, y = s.memory.setdefault("examples of the first mini-batch", (s.activations[0], s.y))
        if len(x) < m:
            raise ValueError(f"the first mini-batch has {len(x)} examples, too few to be used in place of {m}")
        s.activations[0], s.y = x[:m], y[:m]
    return right(s, l)


@mistake(
    "BP2",
    name="w of the first mini-batch in BP2",
    explanation="δ^l is computed with a copy of w^{l+1} from the first mini-batch; it has to be the w of the moment.",
    hint="Which arrays does your code make once, before the training begins?",
)
def weights_of_the_first_mini_batch(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^l by the w^{l+1} that the first mini-batch met."""
    kept = s.memory.setdefault(("w for BP2", l + 1), s.weights[l + 1])
    return right(replace(s, weights={**s.weights, l + 1: kept}), l)


@mistake(
    "BP2",
    "SGD w",
    name="w updated during backprop, and again by SGD",
    explanation="Backprop updates w in place, so that BP2 and SGD read a w that has changed; it has to leave w alone.",
    hint="Compare the weights before and after a call of backprop.",
)
def weights_edited(s: Step, l: int, right: Equation) -> np.ndarray:
    """w − η∇w in place of the w that the equation reads: w^{l+1} in BP2, where δ^l is to come, and w^l in SGD."""
    read = l if l in s.deltas else l + 1
    edited = s.weights[read] - s.eta * s.nabla_w[read]
    return right(replace(s, weights={**s.weights, read: edited}), l)


@mistake(
    "a = σ(z)",
    name="x and every a overwritten",
    explanation="Every a is written into the array of x, so that all are a^L in the end; BP4 has to have each of them.",
    hint="Compare x before and after the forward pass.",
)
def inputs_overwritten(s: Step, l: int, right: Equation) -> np.ndarray:
    """a^0 = a^1 = … = a^l, whichever was last."""
    a = right(s, l)
    if a.shape != s.activations[0].shape:
        raise ValueError(f"x of width {s.activations[0].shape[1]} has no room for a of width {a.shape[1]}")
    s.activations.update(dict.fromkeys(range(l), a))
    return a
