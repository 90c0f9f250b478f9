"""Owns where each dataset comes from: its torchvision class, that class's files, and the download.

torchvision puts them at ``root``/``folder``/raw/``file``. It is imported for a download and no earlier: that takes
seconds, and the files are read in hundredths of one (docs/decisions/0009).
"""

from __future__ import annotations

import contextlib
import difflib
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from torch_ref.data.idx import LABELS, QMNIST_LABELS, DataError, Kind

SHIPPED = Path(__file__).parent  # the root of the MNIST that is part of the package
PATIENCE = 15.0  # seconds that a server may stay silent

MD5 = {  # of the shipped files, as in ATTRIBUTION.md
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


@dataclass(frozen=True)
class Part:
    """The training or the test part of a dataset: its two files, what torchvision is told, how many to take."""

    images: str
    labels: str
    arguments: Mapping[str, Any]
    most: int | None = None

    @property
    def files(self) -> tuple[str, str]:
        """The images' file, then the labels'."""
        return self.images, self.labels


@dataclass(frozen=True)
class Source:
    """A dataset as torchvision has it: ``folder`` names the class, and the folder that it reads."""

    name: str
    folder: str
    training: Part
    test: Part
    label_kind: Kind = LABELS
    transposed: bool = False

    @property
    def parts(self) -> tuple[Part, Part]:
        """Training, then test."""
        return self.training, self.test

    def raw(self, root: Path) -> Path:
        """The folder below ``root`` in which the IDX files lie."""
        return root / self.folder / "raw"

    def way_out(self, root: Path) -> str:
        """What to do about a file below ``root`` that cannot be used, as the end of an error's sentence."""
        if root == SHIPPED:
            return "reinstall Backproof, which ships this file"
        if self.name == "mnist":
            return "put the unpacked files of MNIST there, or name no folder to use those that ship"
        return "delete the file and run once with a network to download it again, or use --dataset mnist"


def _four_files(name: str, folder: str) -> Source:
    training = Part("train-images-idx3-ubyte", "train-labels-idx1-ubyte", {"train": True})
    test = Part("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", {"train": False})
    return Source(name, folder, training, test)


def _qmnist(what: str, stem: str, most: int | None = None) -> Part:
    return Part(f"qmnist-{stem}-images-idx3-ubyte", f"qmnist-{stem}-labels-idx2-int", {"what": what}, most)


def _emnist(stem: str) -> Part:
    prefix = f"emnist-digits-{stem}"
    arguments = {"split": "digits", "train": stem == "train"}
    return Part(f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte", arguments)


SOURCES = {
    source.name: source
    for source in (
        _four_files("mnist", "MNIST"),
        _four_files("fashionmnist", "FashionMNIST"),
        _four_files("kmnist", "KMNIST"),
        # Of QMNIST's 60,000 test examples the first 10,000 are MNIST's test set.
        Source("qmnist", "QMNIST", _qmnist("train", "train"), _qmnist("test10k", "test", 10_000), QMNIST_LABELS),
        Source("emnist-digits", "EMNIST", _emnist("train"), _emnist("test"), transposed=True),
    )
}
NAMES = tuple(SOURCES)


def find(name: str) -> Source:
    """The source called ``name``, in capitals or not.

    Raises:
        DataError: there is none; the nearest name is proposed.
    """
    wanted = name.lower()
    if wanted in SOURCES:
        return SOURCES[wanted]
    near = [n for n in NAMES if wanted and n.startswith(wanted)] or difflib.get_close_matches(wanted, NAMES)
    hint = f"did you mean {near[0]}?" if near else "give one of these, or nothing for mnist"
    raise DataError(f"dataset: got {name!r}, expected one of {', '.join(NAMES)}; {hint}")


def fetch(source: Source, root: Path) -> None:
    """Let torchvision download into ``root`` the parts of which a file is missing there.

    Raises:
        DataError: the download failed, or torchvision would unpickle what lies there.
    """
    raw = source.raw(root)
    try:
        for part in source.parts:
            if not all(os.path.isfile(raw / file) for file in part.files):
                _refuse_pickles(source, root)
                _download(source, part, root)
    except (OSError, RuntimeError, HTTPException) as e:
        files = ", ".join((*source.training.files, *source.test.files))
        raise DataError(
            f"{source.name} is not complete in {raw} and could not be downloaded"
            f" ({' '.join(str(e).split())}): expected {files}; put these files there,"
            " or run once with a network, or use --dataset mnist, which ships with Backproof"
        ) from e


def _download(source: Source, part: Part, root: Path) -> None:
    import torchvision.datasets  # noqa: PLC0415 - seconds, which those who have the files need not wait

    with _patient_and_quiet():
        getattr(torchvision.datasets, source.folder)(str(root.absolute()), download=True, **part.arguments)


def _refuse_pickles(source: Source, root: Path) -> None:
    """Stop where the .pt files of an older torchvision lie: it unpickles them in place of a download."""
    pickles = sorted((root / source.folder / "processed").glob("*.pt"))
    if pickles:
        raise DataError(
            f"{pickles[0]} is a pickle, which torchvision would open in place of the IDX files:"
            f" expected IDX files in {source.raw(root)} and no .pt file beside them; move it away"
        )


@contextlib.contextmanager
def _patient_and_quiet() -> Iterator[None]:
    """Let torchvision neither wait for a silent server without end, nor print where a report may go."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        socket.setdefaulttimeout(before)
