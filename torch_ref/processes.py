"""∇C of whole mini-batches from several processes of this machine, each with its part of the examples.

The processes are joined by torch.distributed (gloo), and the gradients by DistributedDataParallel. The first of them
is the one that asks; the others run this module, and end when it does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.distributed as dist
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from torch_ref.network import SigmoidMLP, quadratic_cost, to_array
from torch_ref.share import TIMEOUT, LostError, Share

if TYPE_CHECKING:
    from jaxtyping import Float

LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"
NOTHING_MORE = torch.zeros(3, dtype=torch.float64)  # in place of K, m and the scale of the next gradients


@dataclass(frozen=True)
class Shape:
    """What all processes have to know to begin with; ``dtype`` is torch's name for it."""

    sizes: tuple[int, ...]
    factor: float
    dtype: str


class Member:
    """One of the processes, with its copy of the network."""

    def __init__(self, shape: Shape, share: Share, store: Path) -> None:
        """Waits for the others. ``store`` is a file through which they find each other. Raises LostError."""
        self.shape, self.share, self.dtype = shape, share, getattr(torch, shape.dtype)
        os.environ.setdefault("GLOO_SOCKET_IFNAME", LOOPBACK)
        with share.together():
            rank, processes = share.rank, share.processes
            dist.init_process_group("gloo", store.as_uri(), TIMEOUT, world_size=processes, rank=rank)
            self.net = SigmoidMLP(shape.sizes, dtype=self.dtype)
            self.model = share.model(self.net)

    def gradients(self, scale: float, vectors: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """∇(scale × C) of step k, with the parameters vectors[k], of x[k] and y[k]; every process gets it."""
        found = torch.empty_like(vectors)
        for k, (vector, x_k, y_k) in enumerate(zip(vectors, x, y, strict=True)):
            vector_to_parameters(vector, self.net.parameters())
            self.net.zero_grad()
            a = self.model(self.share.of(x_k, dim=0))
            cost = quadratic_cost(a, self.share.of(y_k, dim=0), self.shape.factor, m=len(x_k))
            (self.share.processes * scale * cost).backward()  # the mean of the processes is taken, and ∇C is their sum
            found[k] = parameters_to_vector([p.grad for p in self.net.parameters() if p.grad is not None])
        return found

    def receive(self, K: int, m: int) -> list[torch.Tensor]:
        """The parameters, x and y of K steps, in memory that the first process's are copied to."""
        n_0, n_L = self.shape.sizes[0], self.shape.sizes[-1]
        P = sum(p.numel() for p in self.net.parameters())
        return [torch.empty(shape, dtype=self.dtype) for shape in ((K, P), (K, m, n_0), (K, m, n_L))]

    def serve(self) -> None:
        """Take part in what the first process asks for, until there is nothing more."""
        header = torch.ones(3, dtype=torch.float64)
        _broadcast([header])
        while not torch.equal(header, NOTHING_MORE):
            K, m, scale = header.tolist()
            _broadcast(given := self.receive(int(K), int(m)))
            self.gradients(scale, *given)
            _broadcast([header])


class Processes:
    """This process, and the others that it has started. Raises LostError where one of them ends."""

    def __init__(self, sizes: Sequence[int], factor: float, dtype: str, processes: int) -> None:
        """``factor`` is the cost's; ``dtype`` is float32 or float64. ``close`` has to be called."""
        shape = Shape(tuple(sizes), factor, dtype)
        self._folder = tempfile.TemporaryDirectory(prefix="backproof")
        store = Path(self._folder.name) / "store"
        self._others = [_start(shape, Share(rank, processes), store) for rank in range(1, processes)]
        try:
            self._member = Member(shape, Share(0, processes), store)
        except BaseException:  # a Ctrl-C, too
            self._end_the_others(seconds=0)
            raise

    def gradients(
        self,
        weights: Sequence[Float[np.ndarray, "K _n_out _n_in"]],
        biases: Sequence[Float[np.ndarray, "K _n_out"]],
        x: Float[np.ndarray, "K m n_0"],
        y: Float[np.ndarray, "K m n_L"],
        scale: float = 1.0,
    ) -> tuple[list[Float[np.ndarray, "K _n_out _n_in"]], list[Float[np.ndarray, "K _n_out"]]]:
        """∇w and ∇b of scale × C, of K steps at K sets of parameters. Raises LostError."""
        K = len(x)
        layers = [array.reshape(K, -1) for layer in zip(weights, biases, strict=True) for array in layer]
        vectors = np.concatenate(layers, axis=1)
        given = [torch.tensor(array).contiguous() for array in (vectors, x, y)]  # it is their memory that is sent
        with self._member.share.together():
            _broadcast([torch.tensor([K, x.shape[1], scale], dtype=torch.float64), *given])
            found = to_array(self._member.gradients(scale, *given))
        ends = np.cumsum([layer.shape[1] for layer in layers])[:-1]
        parts = np.split(found, ends, axis=1)
        return (
            [part.reshape(w.shape) for part, w in zip(parts[0::2], weights, strict=True)],
            [part.reshape(b.shape) for part, b in zip(parts[1::2], biases, strict=True)],
        )

    def close(self) -> None:
        """End the others, by telling them; after an error they have ended by themselves, or are ended."""
        with suppress(LostError), self._member.share.together():
            _broadcast([NOTHING_MORE])
        dist.destroy_process_group()
        self._end_the_others(seconds=5)

    def _end_the_others(self, seconds: float) -> None:
        for other in self._others:
            try:
                other.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                other.kill()
                other.wait()
            if other.stdin:
                other.stdin.close()
        self._folder.cleanup()


def _start(shape: Shape, share: Share, store: Path) -> subprocess.Popen[bytes]:
    """A process of its own session: a Ctrl-C is the first one's to answer."""
    arguments = json.dumps([asdict(shape), asdict(share), str(store)])
    command = [sys.executable, "-m", "torch_ref.processes", arguments]
    return subprocess.Popen(command, start_new_session=True, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)


def _broadcast(tensors: Sequence[torch.Tensor]) -> None:
    for tensor in tensors:
        dist.broadcast(tensor, src=0)


def _serve(shape: dict[str, Any], share: dict[str, int], store: str) -> None:
    """Take part in every gradient that the first process asks for, until it is gone."""
    torch.set_num_threads(1)
    member = Member(Shape(**shape), Share(**share), Path(store))
    try:
        with member.share.together():
            member.serve()
    finally:
        dist.destroy_process_group()  # or its threads may abort the process at its end


def _end_with_the_first() -> None:
    """Nothing comes through standard input but its end, which is the first process's: it may be before all have met."""
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    with suppress(LostError):  # the first process has ended, or will say what has become of another
        _serve(*json.loads(sys.argv[1]))
