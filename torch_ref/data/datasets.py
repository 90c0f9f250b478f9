"""Owns the examples as arrays: a dataset, checked, read, and split in three.

Letters: n examples, of 784 pixels each.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from torch_ref.data.idx import IMAGES, DataError, check_md5, count, values
from torch_ref.data.sources import MD5, SHIPPED, Part, Source, fetch, find

if TYPE_CHECKING:
    from jaxtyping import Integer, UInt8

VALIDATION = 10_000  # as Nielsen splits MNIST: the last of the training examples


@dataclass(frozen=True, eq=False)
class Examples:
    """Images (n, 784), one a row with its pixels 0 to 255 as stored, and their labels (n,), 0 to 9."""

    images: UInt8[np.ndarray, "n pixels"]
    labels: UInt8[np.ndarray, " n"]

    def __len__(self) -> int:
        return len(self.labels)

    def head(self, n: int) -> Examples:
        """The first ``n`` examples, or all where there are fewer; they share the memory of these.

        Raises:
            ValueError: ``n`` is negative.
        """
        if n < 0:
            raise ValueError(f"n: got {n}, expected 0 or more; leave out head(n) for all {len(self)} examples")
        return self._rows(slice(n))

    def _rows(self, rows: slice) -> Examples:
        return Examples(self.images[rows], self.labels[rows])


@dataclass(frozen=True, eq=False)
class Dataset:
    """The three sets of one source; of MNIST 50,000, 10,000 and 10,000 examples."""

    name: str
    training: Examples
    validation: Examples
    test: Examples


def load(name: str, root: Path | None = None) -> Dataset:
    """The dataset called ``name``, its last 10,000 training examples set apart for validation.

    ``mnist`` ships with the package and never touches the network. Any other is downloaded on first use, into
    ``root``, or where that is None into $BACKPROOF_DATA or ~/.cache/backproof.

    Raises:
        DataError: the name is unknown, the data are neither there nor to be had, or a file is broken.
    """
    source = find(name)
    root = root or _default_root(source)
    training, test = read(root, name)
    if len(training) <= VALIDATION:
        raise DataError(
            f"{source.raw(root) / source.training.labels} holds {len(training)} training examples,"
            f" expected more than {VALIDATION}, as the last {VALIDATION} are for validation;"
            f" {source.way_out(root)}"
        )
    first, last = slice(-VALIDATION), slice(-VALIDATION, None)
    return Dataset(source.name, training._rows(first), training._rows(last), test)


def read(root: Path, name: str) -> tuple[Examples, Examples]:
    """All training and all test examples below ``root``, however many; downloads as ``load`` does.

    Raises:
        DataError: as ``load``.
    """
    source = find(name)
    if source.name != "mnist":
        fetch(source, root)
    for part in source.parts:
        _check_files(source, part, root)
    training, test = (_examples(source, part, root) for part in source.parts)
    return training, test


def _default_root(source: Source) -> Path:
    if source.name == "mnist":
        return SHIPPED
    return Path(os.environ.get("BACKPROOF_DATA") or "~/.cache/backproof").expanduser()


def _examples(source: Source, part: Part, root: Path) -> Examples:
    raw = source.raw(root)
    images, labels = values(raw / part.images, IMAGES), values(raw / part.labels, source.label_kind)
    if source.transposed:  # EMNIST's files hold each image column by column
        images = np.ascontiguousarray(images.transpose(0, 2, 1))
    if labels.ndim == 2:
        labels = labels[:, 0]  # QMNIST's other seven columns are the digit's provenance
    _check_labels(raw / part.labels, labels, source.way_out(root))
    return Examples(images.reshape(len(images), -1)[: part.most], labels.astype(np.uint8)[: part.most])


def _check_files(source: Source, part: Part, root: Path) -> None:
    raw, way_out = source.raw(root), source.way_out(root)
    images = count(raw / part.images, IMAGES, way_out)
    labels = count(raw / part.labels, source.label_kind, way_out)
    if images != labels:
        raise DataError(
            f"{raw} holds {images} images in {part.images} but {labels} labels in {part.labels},"
            f" expected as many of one as of the other; {way_out}"
        )
    if root == SHIPPED:
        for file in part.files:
            check_md5(raw / file, MD5[file], way_out)


def _check_labels(path: Path, labels: Integer[np.ndarray, " n"], way_out: str) -> None:
    wrong = np.flatnonzero((labels < 0) | (labels > 9))
    if wrong.size:
        raise DataError(
            f"{path}: label {labels[wrong[0]]} at index {wrong[0]}, expected 0 to 9"
            f" ({wrong.size} of {labels.size} labels are outside); {way_out}"
        )
