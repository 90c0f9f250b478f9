"""Owns the examples that networks learn from: MNIST, which ships here, and four siblings to download."""

from __future__ import annotations

from torch_ref.data.datasets import Dataset, Examples, load, read
from torch_ref.data.idx import DataError
from torch_ref.data.sources import NAMES

__all__ = ["NAMES", "DataError", "Dataset", "Examples", "load", "read"]
