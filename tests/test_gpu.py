"""The same verdict with torch on a GPU, in each precision that it has there."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from compare.problem import Problem
from compare.run import Run
from compare.verdict import Outcome
from torch_ref.data import Dataset, Examples

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device"),
]


def data():
    """Images of uniform noise, a fifth of them not 0, as many as two blocks and a ragged mini-batch need."""
    rng = np.random.default_rng(0)

    def examples(n):
        images = rng.integers(0, 256, (n, 784), np.uint8) * (rng.random((n, 784)) < 0.2)
        return Examples(images.astype(np.uint8), rng.integers(0, 10, n, np.uint8))

    return Dataset("random", examples(1003), examples(20), examples(20))


@pytest.mark.parametrize(
    ("dtype", "tf32"), [("float64", False), ("float32", False), ("float32", True)], ids=["float64", "float32", "TF32"]
)
def test_the_networks_match_on_the_gpu(dtype, tf32):
    report = Run(Problem(epochs=1, dtype=dtype, tf32=tf32, device="cuda"), data()).go()
    assert report.verdict.first_divergence is None, str(report.verdict.first_divergence)
    assert report.verdict.steps_checked == 101
    assert tf32 or report.verdict.outcome is Outcome.MATCH


def test_tf32_that_is_not_said_is_found():
    """The planted fault: products in TF32, held against the bound of float32."""
    run = Run(Problem(epochs=1, dtype="float32", tf32=True, device="cuda"), data())
    run.judge.expected_precision = run.judge.actual_precision
    assert run.go().verdict.outcome is Outcome.MISMATCH
