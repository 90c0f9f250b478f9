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
from compare.diagnosis.case import Observed, Shown
from compare.diagnosis.judging import judge
from compare.matrix.expected import parameters, torch_cost

SIZES = (784, 30, 10)


def decisions() -> dict[str, Callable[[], object]]:
    """The same 23,860 partial derivatives, m = 10, float64, held against autograd by the bound, or by gradcheck."""
    case = digits(np.random.default_rng(0), SIZES, "float64")
    nabla_w, nabla_b = submission.backprop(case.weights, case.biases, case.x, case.y)
    shown = Observed(Shown(nabla_w=[w[None] for w in nabla_w], nabla_b=[b[None] for b in nabla_b]))
    of = [torch.tensor(array, requires_grad=True) for array in parameters(case)]
    return {
        "backproof": lambda: judge(replace(case), shown),  # a new case, whose autograd is not known yet
        "gradcheck": lambda: torch.autograd.gradcheck(lambda *of: torch_cost(case, of), of),
    }


def whole_checks(folder: Path) -> dict[str, Callable[[], object]]:
    """Files from their start in a process of their own to their reports: a right one, and one that nothing explains."""
    source = Path(submission.__file__).read_text(encoding="utf-8")
    wrong = folder / "unexplained.py"
    wrong.write_text(source.replace("delta.T @ a[l]", "2 * delta.T @ a[l]"), encoding="utf-8")
    return {"right": lambda: check(Path(submission.__file__)), "unexplained": lambda: check(wrong)}
