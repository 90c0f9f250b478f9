"""What was published: the four networks of the first chapter of Nielsen's book, and the accuracy that he reports.

M. Nielsen, Neural Networks and Deep Learning (2015), chapter 1: mini-batches of 10, 30 epochs, quadratic cost, a
start from N(0, 1), trained on 50,000 digits and tested on 10,000. His figures are the best of three runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BATCH_SIZE, EPOCHS = 10, 30


@dataclass(frozen=True)
class Published:
    """A network, and a range of accuracies on test data, from low to high, that its published run or runs had.

    at_its_best   the figure is of the best of the epochs; otherwise it is of the last
    """

    name: str
    hidden: tuple[int, ...]
    eta: float
    low: float
    high: float
    at_its_best: bool = True

    def figure(self, accuracies: Sequence[float]) -> float:
        """The same figure of a run of ours, which has these accuracies after each of its epochs."""
        return max(accuracies) if self.at_its_best else accuracies[-1]

    @property
    def text(self) -> str:
        """As people write it: 95.42 %."""
        return f"{self.low:.2%}" if self.low == self.high else f"{self.low:.0%} to {self.high:.0%}"


NETWORKS = (
    Published("784-30-10, η = 3", (30,), 3.0, 0.9542, 0.9542),
    Published("784-100-10, η = 3", (100,), 3.0, 0.9659, 0.9659),
    Published("784-10, η = 3", (), 3.0, 0.91, 0.92),  # set as an exercise; what its readers report
    Published("784-100-10, η = 0.001", (100,), 0.001, 0.2142, 0.2142, at_its_best=False),
)
