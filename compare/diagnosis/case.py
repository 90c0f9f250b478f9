"""A case: a mini-batch, the parameters that it meets, and the cost; and what an implementation shows of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from compare.key import Key, find, keys
from compare.trace import Trace, Weights

if TYPE_CHECKING:
    from jaxtyping import Float

OVERFLOW = re.compile(r" raised (OverflowError|FloatingPointError)\b")


@dataclass(frozen=True, eq=False)
class Case:
    """What an implementation is asked about: a mini-batch of m examples, a row each, and the network's parameters.

    weights[l] (n_out, n_in), biases[l] (n_out,), x (m, n_0), y (m, n_L); all of one dtype.
    factor     of the cost: 1 for C = 1/(2m) Σ‖y − a‖², 2 for C = (1/m) Σ‖y − a‖²
    summed     the cost is the sum over the mini-batch, not the mean
    """

    weights: list[Float[np.ndarray, "_n_out _n_in"]]
    biases: list[Float[np.ndarray, " _n_out"]]
    x: Float[np.ndarray, "m n_0"]
    y: Float[np.ndarray, "m n_L"]
    eta: float
    factor: float = 1.0
    summed: bool = False

    @property
    def sizes(self) -> tuple[int, ...]:
        """The layers' widths, the input's first."""
        return (self.weights[0].shape[1], *(len(w) for w in self.weights))

    @property
    def m(self) -> int:
        """The number of examples."""
        return len(self.x)

    @property
    def L(self) -> int:
        """The number of layers with weights."""
        return len(self.weights)

    def shape(self, key: Key) -> tuple[int, ...]:
        """The shape that a quantity has to have."""
        return shape(key, self.sizes, self.m)

    @property
    def scale(self) -> float:
        """The gradients are scale × ∇C of the mean cost."""
        return float(self.m) if self.summed else 1.0

    @cached_property
    def digest(self) -> bytes:
        """Of its numbers, without the cost."""
        hashed = hashlib.blake2b(repr((self.sizes, self.m, self.eta)).encode(), digest_size=16)
        hashed.update(b"".join(a.tobytes() for a in (*self.weights, *self.biases, self.x, self.y)))
        return hashed.digest()

    @cached_property
    def finite(self) -> bool:
        """Whether all its numbers are."""
        return all(np.isfinite(a).all() for a in (*self.weights, *self.biases, self.x, self.y))

    @property
    def before(self) -> Weights:
        """The parameters, as those before a block of one step."""
        return Weights([w[None] for w in self.weights], [b[None] for b in self.biases])


def shape(key: Key, sizes: Sequence[int], m: int) -> tuple[int, ...]:
    """The shape that a quantity has in a network of these sizes."""
    n_in, n_out = sizes[key.layer - 1 : key.layer + 1]
    if key.name in ("nabla_w", "weights"):
        return n_out, n_in
    return (n_out,) if key.name in ("nabla_b", "biases") else (m, n_out)


def one_by_one(case: Case) -> list[Case]:
    """Every example as a mini-batch of its own."""
    return [replace(case, x=case.x[i : i + 1], y=case.y[i : i + 1], summed=False) for i in range(case.m)]


@dataclass(frozen=True)
class Fault:
    """Something that an implementation did which is wrong whatever its numbers are.

    kind      a short name: "raised", "none", "ragged", "shape", "dtype", "modified", "state", …
    function  which of its functions did it
    sentence  what came, what was expected, and the way out
    tensor    which of its results, as the code counts them: "nabla_w[0]" is that of layer 1
    """

    kind: str
    function: str
    sentence: str
    file: str | None = None
    line: int | None = None
    tensor: str = ""

    @property
    def overflow(self) -> str:
        """The name of the error by which an overflow is told, if it is one."""
        match = OVERFLOW.search(self.sentence)
        return match[1] if match else ""


@dataclass
class Shown(Trace):
    """A trace that may lack tensors: no layers at all, or None in the place of one."""

    zs: list[Any] = field(default_factory=list)
    activations: list[Any] = field(default_factory=list)
    cost: Any = None
    nabla_a: Any = None
    deltas: list[Any] = field(default_factory=list)
    nabla_b: list[Any] = field(default_factory=list)
    nabla_w: list[Any] = field(default_factory=list)


@dataclass
class Observed:
    """What an implementation shows of a case: a trace of one step, with empty lists for what it does not show."""

    trace: Trace
    faults: list[Fault] = field(default_factory=list)

    def shown(self) -> list[Key]:
        """The quantities that are there, in the order of computation."""
        return [key for key in keys(layer_count(self.trace)) if find(self.trace, key) is not None]

    def misshapen(self, L: int) -> list[Key]:
        """The quantities of a network of L layers that came in another shape than they should have."""
        return [key for fault in self.faults if fault.kind == "shape" and (key := _key_of(fault.tensor, L))]


def _key_of(tensor: str, L: int) -> Key | None:
    """The key of a tensor as code counts them: activations from x on, everything else from layer 1 on."""
    if not (match := re.fullmatch(r"(activations|deltas|nabla_[wb]|weights|biases)\[(\d+)\]", tensor)):
        return None
    layer = int(match[2]) + (match[1] != "activations")
    return next((key for key in keys(L) if (key.name, key.layer) == (match[1], layer)), None)


def layer_count(trace: Trace) -> int:
    """How many layers a trace with missing tensors speaks of."""
    after = trace.after.weights if trace.after else []
    return max(len(layers) for layers in (trace.activations, trace.deltas, trace.nabla_w, trace.nabla_b, after))
