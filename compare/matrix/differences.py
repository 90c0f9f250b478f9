"""Owns the checks that hold a gradient against differences of the cost, each with its own defaults."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import torch

from compare.diagnosis.case import Case
from compare.matrix.expected import Arrays, by_differences, cost, flat, parameters, split, tensors, torch_cost
from compare.matrix.peer import passes, peer


@peer("gradcheck, slow", "torch.autograd.gradcheck: eps=1e-6, atol=1e-5, rtol=1e-3", double=True, slow=True)
def gradcheck_slow(case: Case, nabla_w: Arrays, nabla_b: Arrays) -> bool:
    """Every derivative against centered differences."""
    return _gradcheck(case, nabla_w, nabla_b, fast_mode=False)


@peer("gradcheck, fast", "the same with fast_mode=True", double=True, slow=True)
def gradcheck_fast(case: Case, nabla_w: Arrays, nabla_b: Arrays) -> bool:
    """One random direction in place of every derivative; where that fails, torch goes through the slow mode too."""
    return _gradcheck(case, nabla_w, nabla_b, fast_mode=True)


class UnderTest(torch.autograd.Function):
    """The right cost, whose backward hands out the gradient under test."""

    @staticmethod
    def forward(ctx, case, nablas, *of):  # type: ignore[no-untyped-def]  # noqa: D102  # torch's own signature
        ctx.nablas = nablas
        return torch_cost(case, of)

    @staticmethod
    def backward(ctx, by_cost):  # type: ignore[no-untyped-def]  # noqa: D102
        return None, None, *(by_cost * nabla for nabla in ctx.nablas)


def _gradcheck(case: Case, nabla_w: Arrays, nabla_b: Arrays, fast_mode: bool) -> bool:
    nablas = tensors([*nabla_w, *nabla_b])
    of = [torch.tensor(array, requires_grad=True) for array in parameters(case)]
    return torch.autograd.gradcheck(lambda *of: UnderTest.apply(case, nablas, *of), of, fast_mode=fast_mode)


@peer("jax check_grads", "jax.test_util: eps=1e-4, tolerance 1e-5, float32 2e-3; order=1, modes=('rev',)", needs="jax")
def jax_check_grads(case: Case, nabla_w: Arrays, nabla_b: Arrays) -> bool:
    """One random direction; in reverse mode and to first order, as there is a gradient and no more to be checked."""
    jax, test_util = import_module("jax"), import_module("jax.test_util")  # a second, and not everywhere
    jax.config.update("jax_enable_x64", True)
    nablas = [*nabla_w, *nabla_b]

    def network(*of: Any) -> Any:
        a: Any = case.x
        for w, b in zip(of[: case.L], of[case.L :], strict=True):
            a = jax.nn.sigmoid(a @ w.T + b)
        return ((a - case.y) ** 2).sum() * (case.factor * case.scale / (2 * case.m))

    under_test = jax.custom_vjp(network)
    under_test.defvjp(lambda *of: (network(*of), None), lambda _, by_cost: tuple(by_cost * nabla for nabla in nablas))
    return passes(test_util.check_grads, under_test, parameters(case), 1, ("rev",))


@peer(
    "scipy check_grad",
    "scipy.optimize: epsilon=1.49e-8; 2-norm < 1e-6, as SciPy names no threshold: its example prints 3e-8 for two"
    " parameters, and here are 20² times as many",
    double=True,
    needs="scipy",
    slow=True,
)
def scipy_check_grad(case: Case, nabla_w: Arrays, nabla_b: Arrays) -> bool:
    """Forward differences, all parameters in one norm."""

    def of_vector(vector: np.ndarray) -> np.floating:
        return cost(case, split(vector.astype(case.x.dtype), case))

    nabla = flat([*nabla_w, *nabla_b])
    return bool(import_module("scipy.optimize").check_grad(of_vector, lambda _: nabla, flat(parameters(case))) < 1e-6)


@peer("CS231n, < 1e-7", "its notes: h=1e-5, relative error of each derivative, 1e-7 and less is good", double=True)
def cs231n(case: Case, nabla_w: Arrays, nabla_b: Arrays) -> bool:
    """The strict reading of the course's notes."""
    return _relative_error(case, nabla_w, nabla_b) < 1e-7


@peer("CS231n, < 1e-2", "its notes: more than 1e-2 usually means that the gradient is wrong", double=True)
def cs231n_lenient(case: Case, nabla_w: Arrays, nabla_b: Arrays) -> bool:
    """The lenient one."""
    return _relative_error(case, nabla_w, nabla_b) < 1e-2


def _relative_error(case: Case, nabla_w: Arrays, nabla_b: Arrays) -> float:
    a, n = flat([*nabla_w, *nabla_b]), flat(by_differences(case))
    size = np.maximum(np.abs(a), np.abs(n))
    return float((np.abs(a - n) / np.where(size == 0, 1, size)).max())  # both 0 is right, the notes say
