"""Owns the checks that hold a gradient against autograd's, each with its own defaults."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from compare.diagnosis.case import Case
from compare.matrix.expected import Arrays, by_autograd, tensor, tensors
from compare.matrix.peer import passes, peer


def pairs(case: Case, nabla_w: Arrays, nabla_b: Arrays) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(actual, expected) of each tensor, expected by autograd in the same dtype."""
    return zip([*nabla_w, *nabla_b], by_autograd(case), strict=True)


@peer("torch assert_close", "torch.testing: float64 rtol=atol=1e-7, float32 rtol=1.3e-6, atol=1e-5")
def torch_assert_close(case: Case, nabla_w: Arrays, nabla_b: Arrays) -> bool:
    """Tolerances by dtype, against autograd."""
    both = list(pairs(case, nabla_w, nabla_b))
    return passes(torch.testing.assert_close, *map(tensors, zip(*both, strict=True)))


@peer("torch.allclose", "rtol=1e-5, atol=1e-8")
def torch_allclose(case: Case, nabla_w: Arrays, nabla_b: Arrays) -> bool:
    """One tolerance for all dtypes, against autograd."""
    return all(torch.allclose(tensor(a), tensor(e)) for a, e in pairs(case, nabla_w, nabla_b))


@peer("np.allclose", "rtol=1e-5, atol=1e-8; broadcasts")
def np_allclose(case: Case, nabla_w: Arrays, nabla_b: Arrays) -> bool:
    """The same, against autograd."""
    return all(np.allclose(a, e) for a, e in pairs(case, nabla_w, nabla_b))


@peer("np assert_allclose", "numpy.testing: rtol=1e-7, atol=0")
def np_assert_allclose(case: Case, nabla_w: Arrays, nabla_b: Arrays) -> bool:
    """A relative tolerance alone, against autograd."""
    return all(passes(np.testing.assert_allclose, a, e) for a, e in pairs(case, nabla_w, nabla_b))


@peer("mean(A) ≈ mean(B)", "np.isclose of the means: rtol=1e-5, atol=1e-8")
def means(case: Case, nabla_w: Arrays, nabla_b: Arrays) -> bool:
    """A number for each tensor, against autograd."""
    return all(np.isclose(a.mean(), e.mean()) for a, e in pairs(case, nabla_w, nabla_b))


@peer("if diff > tol: fail", "the largest difference to autograd, tol = 1e-6: a round number; NaN > tol is false")
def diff_above(case: Case, nabla_w: Arrays, nabla_b: Arrays) -> bool:
    """Fails where the difference is larger, which NaN is not."""
    return not any(np.abs(a - e).max() > 1e-6 for a, e in pairs(case, nabla_w, nabla_b))
