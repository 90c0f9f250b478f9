"""What a check could have seen: the smallest relative error of a gradient that its bound would have let nobody pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compare.key import Key, keys
from compare.ratio import Comparison
from compare.trace import Weights


@dataclass
class Power:
    """The power of the checks on one gradient tensor ∇, or one update η∇, over the steps that were sampled.

    smallest  the least E/|∇| of its elements: a relative error of the whole tensor beyond this is caught
    typical   the median E/|∇| over its elements that are not 0, in the latest sampled step
    sampled   the steps that were looked at; in ``blind`` of them E ≥ |∇| for most elements (of an update: for all)
    """

    smallest: float = np.inf
    typical: float = np.inf
    sampled: int = 0
    blind: int = 0

    @property
    def vacuous(self) -> bool:
        """The check never had power: the gradient was zero, or mostly smaller than its bound, in each sampled step."""
        return self.sampled > 0 and self.blind == self.sampled

    def add(self, nabla: np.ndarray, bound: np.ndarray, most: bool = True) -> None:
        """Take one step's ∇ and its bound into account; it is blind if most elements are, or else if all are."""
        size = np.abs(nabla.astype(np.float64))
        seen = bound[size > 0] / size[size > 0]
        smallest = float(seen.min()) if seen.size else np.inf
        self.smallest = min(self.smallest, smallest)
        self.typical = float(np.median(seen)) if seen.size else np.inf
        self.sampled += 1
        self.blind += not (self.typical if most else smallest) < 1


def sample(powers: dict[Key, Power], compared: Comparison, k: int) -> None:
    """Take step k of a block into account, for each gradient and each update."""
    for key in keys(len(compared.before.weights)):
        if key.equation in ("BP3", "BP4", "SGD"):
            powers.setdefault(key, Power()).add(*compared.seen(key, k), most=key.equation != "SGD")


def alarms(x: np.ndarray, before: Weights) -> list[str]:
    """What about a mini-batch (m, n_0) and its parameters would hide some mistakes, a sentence each."""
    found = []
    if len(x) == 1:
        found.append("mini-batches of 1 example: the mean over the mini-batch and the sum are the same number")
    dead = int((x == 0).all(axis=0).sum())
    if dead == x.shape[1]:
        found.append("all inputs are 0: the gradient of the first weights is 0, whatever the code does")
    for layer, w in enumerate(before.weights, start=1):
        if len(w[0]) > 1 and (w[0] == w[0][0]).all():
            found.append(f"all neurons of layer {layer} have the same weights: exchanged neurons cannot be seen")
        if w[0].shape[0] == w[0].shape[1] > 1 and (w[0] == w[0].T).all():
            found.append(f"the weights of layer {layer} are symmetric: a transposed matrix cannot be seen")
    return found
