"""A check: the gradient of 784-30-10 decided element by element, beside gradcheck, and a whole check of a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from compare.bench import submission
from compare.check.cases import digits
from compare.check.check import check
from compare.diagnosis.case import Case, Observed, Shown
from compare.diagnosis.judging import judge

SIZES = (784, 30, 10)


def decisions() -> dict[str, Callable[[], object]]:
    """The same 23,860 partial derivatives, m = 10, float64, held against autograd by the bound, or by gradcheck."""
    case = digits(np.random.default_rng(0), SIZES, "float64")
    nabla_w, nabla_b = submission.backprop(case.weights, case.biases, case.x, case.y)
    shown = Observed(Shown(nabla_w=[w[None] for w in nabla_w], nabla_b=[b[None] for b in nabla_b]))
    return {
        "backproof": lambda: judge(replace(case), shown),  # a new case, whose autograd is not known yet
        "gradcheck": lambda: torch.autograd.gradcheck(*_cost(case)),
    }


def _cost(case: Case) -> tuple[Callable[..., torch.Tensor], list[torch.Tensor]]:
    """C of w^1, b^1, …, with as little around it as can be; the parameters to differentiate it by."""
    x, y = torch.tensor(case.x), torch.tensor(case.y)
    arrays = [array for layer in zip(case.weights, case.biases, strict=True) for array in layer]

    def cost(*of: torch.Tensor) -> torch.Tensor:
        a = x
        for w, b in zip(of[0::2], of[1::2], strict=True):
            a = torch.sigmoid(torch.nn.functional.linear(a, w, b))
        return ((y - a) ** 2).sum() / (2 * len(x))

    return cost, [torch.tensor(array, requires_grad=True) for array in arrays]


def whole_check() -> object:
    """A file from its start in a process of its own to its report."""
    return check(Path(submission.__file__))
