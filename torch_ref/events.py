"""Owns one event file: torch's SummaryWriter, writing in the caller's thread.

torch's own writer leaves the disk to a background thread. Where that fails, it prints a traceback, and the error comes
out of some later call. Here it comes as LogError out of the call that it belongs to, and ``close`` has nothing to save.
"""

from __future__ import annotations

import math
import os
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter
from torch.utils.tensorboard.summary import hparams
from torch.utils.tensorboard.writer import FileWriter, SummaryWriter

from torch_ref.folder import LogError, reason
from torch_ref.network import SigmoidMLP
from torch_ref.pictures import png

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

BINS = 64  # of a histogram, of equal width
NUMBERS = count()  # tell the files of one process and one second apart
LARGEST = 1e150  # number in a histogram: the sum of their squares is stored too


class Events(SummaryWriter):
    """The event file of a folder. Each method writes at once, and raises LogError where that is not possible."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder, and a new file in it."""
        self._file = _FileWriter(folder)
        super().__init__(str(folder))

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """A point of each of these curves, all in one record, which is far cheaper than a record each."""
        points = [Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]
        self._file.add_summary(Summary(value=points), step)

    def histogram(self, tag: str, values: np.ndarray, step: int) -> None:
        """The distribution of the finite values, in an array of any shape; nothing where they have no bins."""
        finite = values[np.isfinite(values)].astype(np.float64)
        if finite.size and can_be_binned(float(finite.min()), float(finite.max())):
            self.add_histogram(tag, finite, step, bins=BINS)

    def picture(self, tag: str, picture: UInt8[np.ndarray, "height width"], step: int) -> None:
        """A picture in shades."""
        height, width = picture.shape
        image = Summary.Image(height=height, width=width, colorspace=3, encoded_image_string=png(picture))
        self._file.add_summary(Summary(value=[Summary.Value(tag=tag, image=image)]), step)

    def graph(self, net: SigmoidMLP, x: Float[np.ndarray, "m n_0"]) -> None:
        """The graph of such a network, traced on a twin on the CPU: ``net`` and its hooks are not run."""
        first, layers = net.linear_layers[0], net.linear_layers
        sizes, dtype = [first.in_features, *(layer.out_features for layer in layers)], first.weight.dtype
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that torch.jit is deprecated: SummaryWriter knows no other way
            example = torch.tensor(x, dtype=dtype)
            # Traced here since add_graph would have the trace checked, and for that import half a second of torch.
            twin = torch.jit.trace(SigmoidMLP(sizes, dtype=dtype), example, check_trace=False)
            self.add_graph(twin, example)

    def hyperparameters(self, settings: Mapping[str, Any], metrics: Sequence[str]) -> None:
        """Begin a row of the HPARAMS table: the settings, and the tags of the curves whose last points are its results.

        SummaryWriter.add_hparams would put them into a folder of its own.
        """
        values = {name: value if type(value) in (int, float) else as_text(value) for name, value in settings.items()}
        *beginning, self._session_end = hparams(values, dict.fromkeys(metrics))
        for summary in beginning:
            self._file.add_summary(summary)

    def finish(self) -> None:
        """Mark the row as that of a run which came to its end."""
        self._file.add_summary(self._session_end)

    @property
    def failed(self) -> bool:
        """Whether a LogError has been raised."""
        return self._file.event_writer.failed

    def _get_file_writer(self) -> FileWriter:
        """Where SummaryWriter's own methods write to; if torch gives this hook another name, a test notices."""
        return self._file


def can_be_binned(low: float, high: float) -> bool:
    """Whether bins of equal width lie between: not where rounding is wider than one, nor near overflow."""
    size, width = max(-low, high), (high - low or 1.0) / BINS  # NumPy makes room of 1 around a single value
    return size < LARGEST and width > math.ulp(size)


def as_text(value: object) -> str:
    """A setting that is no number, in words: (30, 20) is 30-20, () and None are none."""
    if isinstance(value, tuple):
        return "-".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


class _FileWriter(FileWriter):
    """torch's wrapping of summaries into events, and of events into ``event_writer``."""

    def __init__(self, folder: Path) -> None:
        self.event_writer = _EventWriter(folder)


class _EventWriter:
    """What tensorboard's EventFileWriter is to FileWriter, without its thread and without a file held open."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.failed = folder, False
        self._path = folder / f"events.out.tfevents.{int(time.time()):010d}.{os.getpid()}.{next(NUMBERS)}"
        with self._told():
            folder.mkdir(parents=True, exist_ok=True)
            self._path.open("xb").close()
        self.add_event(Event(wall_time=time.time(), file_version="brain.Event:2"))

    def add_event(self, event: Event) -> None:
        """Append it. A file that is gone is not made again: it would lack its beginning."""
        with self._told(), self._path.open("r+b") as file:
            file.seek(0, os.SEEK_END)
            RecordWriter(file).write(event.SerializeToString())

    def get_logdir(self) -> str:
        """The folder."""
        return str(self._folder)

    def flush(self) -> None:
        """Nothing: all is written."""

    def close(self) -> None:
        """Nothing: no file is open."""

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as e:
            self.failed = True
            raise LogError(
                f"the TensorBoard log in {self._folder} cannot be written ({reason(e)}); "
                "give with --logdir a folder that has room and stays"
            ) from e
