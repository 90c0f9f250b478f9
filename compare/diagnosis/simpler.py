"""Owns the ways to make a case smaller: fewer layers, fewer examples, narrower layers.

A way offers smaller cases, the best first. Layers are counted as the book counts them; layer 0 is the input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from compare.diagnosis.case import Case

Way = Callable[[Case], Iterator[Case]]

LEADING, FEW = (1, 2, 3), 8  # so many of a layer's neurons are tried; of no more than so many each is left out in turn


def arrays(case: Case) -> list[tuple[str, np.ndarray]]:
    """Every weights[l] (n_out, n_in), every biases[l] (n_out,), x (m, n_0) and y (m, n_L), each with its name."""
    named = [("weights", w) for w in case.weights] + [("biases", b) for b in case.biases]
    return [*named, ("x", case.x), ("y", case.y)]


def rebuilt(case: Case, of: list[np.ndarray]) -> Case:
    """The case with other arrays, in the order that ``arrays`` has them; they are copied."""
    fresh = [np.array(array, case.x.dtype, order="C") for array in of]
    L = (len(fresh) - 2) // 2
    return replace(case, weights=fresh[:L], biases=fresh[L:-2], x=fresh[-2], y=fresh[-1])


def copied(case: Case) -> Case:
    """The same case in arrays of its own."""
    return rebuilt(case, [array for _, array in arrays(case)])


def cut(case: Case, layer: int, kept: np.ndarray) -> Case:
    """Only those neurons of a layer, with the weights to and from them; of layer 0, only those inputs."""
    w, b, x, y = list(case.weights), list(case.biases), case.x, case.y
    if layer == 0:
        x = x[:, kept]
    else:
        w[layer - 1], b[layer - 1] = w[layer - 1][kept], b[layer - 1][kept]
    if layer == case.L:
        y = y[:, kept]
    else:
        w[layer] = w[layer][:, kept]
    return rebuilt(case, [*w, *b, x, y])


def without(case: Case, layer: int) -> Case:
    """No hidden layer of that number; the weights above it, cut or repeated to fit, are those of the layer below."""
    w, b = list(case.weights), list(case.biases)
    w[layer] = w[layer][:, np.arange(case.sizes[layer - 1]) % case.sizes[layer]]
    del w[layer - 1], b[layer - 1]
    return rebuilt(case, [*w, *b, case.x, case.y])


def of_examples(case: Case, kept: np.ndarray) -> Case:
    """Only those examples."""
    return rebuilt(case, [*case.weights, *case.biases, case.x[kept], case.y[kept]])


def tiny(case: Case, least: int = 1) -> Iterator[Case]:
    """One neuron a layer, then two: from ``least`` layers on, with one example, then two."""
    for width, layers in product((1, 2), range(least, case.L + 1)):
        short = case
        for _ in range(case.L - layers):
            short = without(short, 1)
        for layer in range(layers + 1):
            short = cut(short, layer, np.sort(_by_size(short, layer)[:width]))
        for m in (1, 2):
            if m <= case.m and (m, *short.sizes) != (case.m, *case.sizes):
                yield of_examples(short, np.arange(m))


def shorter(case: Case) -> Iterator[Case]:
    """A hidden layer fewer."""
    return (without(case, layer) for layer in range(1, case.L))


def fewer(case: Case) -> Iterator[Case]:
    """Fewer examples."""
    return (of_examples(case, kept) for kept in _parts(np.arange(case.m)))


def narrower(case: Case, layer: int) -> Iterator[Case]:
    """Fewer neurons in that layer, if there is a layer of that number."""
    if layer <= case.L:
        yield from (cut(case, layer, kept) for kept in _parts(_by_size(case, layer)))


def _by_size(case: Case, layer: int) -> np.ndarray:
    """A layer's neurons; inputs of layer 0 by their largest value, as one that is always 0 shows little."""
    largest = np.abs(case.x).max(axis=0) if layer == 0 else np.zeros(case.sizes[layer])
    return np.argsort(-largest, kind="stable")


def _parts(of: np.ndarray) -> Iterator[np.ndarray]:
    """One, two or three of them, the first or the last; either half; all but one."""
    n = len(of)
    for size in sorted({*LEADING, (n + 1) // 2}):
        if size < n:
            yield np.sort(of[:size])
            yield np.sort(of[n - size :])
    if 1 < n <= FEW:
        yield from (np.sort(np.delete(of, i)) for i in range(n))
