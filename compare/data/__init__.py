"""Owns the examples that networks learn from: MNIST, which ships here, and four siblings to download."""

from __future__ import annotations

from compare.data.datasets import Dataset, Examples, load, read
from compare.data.idx import DataError
from compare.data.sources import NAMES

__all__ = ["NAMES", "DataError", "Dataset", "Examples", "load", "read"]
