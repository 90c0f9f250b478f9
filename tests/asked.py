"""Cases, what a right implementation shows of them, and faults planted in what it shows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from compare.diagnosis.autograd import reference
from compare.diagnosis.case import Case, Observed
from compare.diagnosis.derivation import Derivation
from compare.diagnosis.probes import probes
from compare.precision import PRECISIONS
from compare.tolerance import Bounds, bounds
from compare.trace import Trace, Weights

GRADIENT = ("nabla_b", "nabla_w")


class Asked(NamedTuple):
    """A case, what a right implementation shows of it, what is expected, and what lies between."""

    case: Case
    observed: Observed
    expected: Trace
    bound: Bounds


def expected_of(case: Case) -> Trace:
    of = reference(case.sizes, case.factor, case.x.dtype)
    return of.trace(case.before, case.x[None], case.y[None], case.scale)


def asked(case: Case) -> Asked:
    expected, precision = expected_of(case), PRECISIONS[case.x.dtype.name]
    both = precision + precision
    bound = bounds(case.before, case.x[None], case.y[None], expected, case.factor, both, case.scale)
    return Asked(case, Derivation().observe(case), expected, bound)


def probe(of="batch", dtype="float64", seed=0, L=3, **options) -> Asked:
    return asked(getattr(probes(seed, L, dtype=dtype, **options), of))


def of_each(case: Case) -> list[Trace]:
    """The expected trace of each example alone: the m of them as m steps from the same parameters."""
    of, before = reference(case.sizes, case.factor, case.x.dtype), case.before
    before = Weights(*([np.repeat(a, case.m, axis=0) for a in layers] for layers in (before.weights, before.biases)))
    steps = of.trace(before, case.x[:, None], case.y[:, None])
    parts = ("zs", "activations", "deltas", "nabla_b", "nabla_w")
    one = [{name: [a[k : k + 1] for a in getattr(steps, name)] for name in parts} for k in range(case.m)]
    rest = [{"cost": steps.cost[k : k + 1], "nabla_a": steps.nabla_a[k : k + 1]} for k in range(case.m)]
    return [Trace(**lists, **arrays) for lists, arrays in zip(one, rest, strict=True)]


def times(asked: Asked, factor: float, *names: str) -> Asked:
    """Every layer of the tensors of these names, times the factor."""
    for name in names:
        layers = getattr(asked.observed.trace, name)
        layers[:] = [np.asarray(layer * factor, layer.dtype) for layer in layers]
    return asked


def stepped(asked: Asked, factor: float) -> Asked:
    """Updated by that multiple of η∇C."""
    case, trace = asked.case, asked.observed.trace
    of = [(case.before.weights, trace.nabla_w), (case.before.biases, trace.nabla_b)]
    after = [[w - factor * case.eta * n for w, n in zip(*pair, strict=True)] for pair in of]
    trace.after = Weights(*after)
    return asked


def weighted(asked: Asked, c: np.ndarray) -> Asked:
    """The gradient with those weights for its examples."""
    each, trace = of_each(asked.case), asked.observed.trace
    for name in GRADIENT:
        of_layers = zip(*(getattr(one, name) for one in each), strict=True)
        layers = [sum(one * part for one, part in zip(c, parts, strict=True)) for parts in of_layers]
        setattr(trace, name, [np.asarray(layer, asked.case.x.dtype) for layer in layers])
    return asked
