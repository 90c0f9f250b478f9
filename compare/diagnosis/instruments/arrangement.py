"""Symmetry fit: are the numbers of a wrong tensor the expected ones, in another place; or are only a few of them wrong?

Rows, columns and elements are counted from 0, as NumPy counts them; layers from 1.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from compare.diagnosis.case import Case, Observed
from compare.diagnosis.instruments.quantity import Finding, Quantity, quantities
from compare.tolerance import Bounds
from compare.trace import Trace

FEW = 3  # elements that are named one by one


def symmetry(case: Case, observed: Observed, expected: Trace, bound: Bounds) -> list[Finding]:
    """One finding for each wrong tensor that is the expected one rearranged, or wrong in a few places only."""
    by_name: dict[str, list[Quantity]] = {}
    for quantity in quantities(case, observed, expected, bound):
        by_name.setdefault(quantity.key.name, []).append(quantity)
    return [finding for layers in by_name.values() for finding in _of_layers(layers)]


def _of_layers(layers: list[Quantity]) -> list[Finding]:
    wrong = [quantity for quantity in layers if not quantity.right]
    if len(wrong) > 1 and all(_is(actual, other) for actual, other in zip(layers, layers[::-1], strict=True)):
        sentence = "has its layers in reverse order; do you append to a list while going back from the output?"
        subject = str(layers[0]).replace(f"[{layers[0].key.layer}]", "")
        return [Finding("symmetry", layers[0].key, f"{subject} {sentence}")]
    findings = (next(_of_tensor(quantity, layers), None) for quantity in wrong)
    return [finding for finding in findings if finding]


def _of_tensor(quantity: Quantity, layers: list[Quantity]) -> Iterator[Finding]:
    """What there is to say of it, the simplest first."""
    if _same(quantity.actual, quantity.expected.T, quantity.allowed.T):
        other = "the example's" if quantity.key.name == "deltas" else "the input's"
        yield _finding(quantity, f"is the transpose of the expected; which index is the neuron's, and which {other}?")
    for layer in layers:
        if layer is not quantity and _is(quantity, layer):
            yield _finding(quantity, f"is what {layer} should be; is the layer's index one off?")
    if quantity.actual.shape == quantity.expected.shape:
        yield from _permuted(quantity)
        yield from _few(quantity)


def _finding(quantity: Quantity, predicate: str) -> Finding:
    return Finding("symmetry", quantity.key, f"{quantity} {predicate}")


def _is(quantity: Quantity, other: Quantity) -> bool:
    """Whether it is what the other one should be."""
    return _same(quantity.actual, other.expected, other.allowed)


def _same(actual: np.ndarray, expected: np.ndarray, allowed: np.ndarray) -> bool:
    return actual.shape == expected.shape and bool((np.abs(actual - expected) <= allowed).all())


def _permuted(quantity: Quantity) -> Iterator[Finding]:
    """Rows, then columns, in reverse or in any other order."""
    names = ("rows", "columns") if quantity.actual.ndim > 1 else ("elements",)
    for axis, name in enumerate(names):
        arrays = (np.moveaxis(a, axis, 0) for a in (quantity.actual, quantity.expected, quantity.allowed))
        if (order := _order(*arrays)) is not None:
            how = "reverse order" if order == list(range(len(order)))[::-1] else f"another order, {order}"
            yield _finding(quantity, f"has the expected {name} in {how}; what puts them there?")


def _order(actual: np.ndarray, expected: np.ndarray, allowed: np.ndarray) -> list[int] | None:
    """Which of the expected rows each of the actual ones is, if each is another one."""
    order: list[int] = []
    actual, expected, allowed = (np.atleast_2d(a.T).T for a in (actual, expected, allowed))
    for row in actual:
        free = (j for j in range(len(expected)) if j not in order and _same(row, expected[j], allowed[j]))
        if (found := next(free, None)) is None:
            return None
        order.append(found)
    return order


def _few(quantity: Quantity) -> Iterator[Finding]:
    """One row, one column or a few elements, in which it is wrong: their sign, or 0 in their place, or otherwise."""
    wrong = quantity.wrong
    if (place := _place(wrong)) is None:
        return
    name, where = place
    state, one, several = _state(quantity, where)
    verb, them = (several, "them") if name.startswith("elements") or name[0].isdigit() else (one, "it")
    rest = f"the other {wrong.size - int(where.sum())} elements are right"
    sentence = f"only {name} of {quantity} {verb}, counted from 0, and {rest}; what is done to {them} alone?"
    yield Finding("symmetry", quantity.key, sentence, exact=state)


def _place(wrong: np.ndarray) -> tuple[str, np.ndarray] | None:
    """What to call the wrong elements, and the elements that are meant; None where there are too many."""
    found = np.argwhere(wrong)
    elements = [str(index.tolist()) for index in found]
    if len(found) == wrong.size:
        return None
    if len(found) == 1:
        return f"element {elements[0]}", wrong
    for axis, name in enumerate(("row", "column")[: wrong.ndim if wrong.ndim > 1 else 0]):
        if len(lines := np.unique(found[:, axis])) == 1:
            line = np.arange(wrong.shape[axis]) == lines[0]
            return f"{name} {lines[0]}", np.broadcast_to(line[:, None] if axis == 0 else line, wrong.shape)
    if len(found) <= FEW and 2 * len(found) < wrong.size:
        return f"elements {', '.join(elements[:-1])} and {elements[-1]}", wrong
    return (f"{len(found)} of the {wrong.size} elements", wrong) if 4 * len(found) <= wrong.size else None


def _state(quantity: Quantity, where: np.ndarray) -> tuple[bool, str, str]:
    """Whether it is known what these elements are, and how to say so of one and of several."""
    actual, expected, allowed = (a[where] for a in (quantity.actual, quantity.expected, quantity.allowed))
    if _same(actual, -expected, 2 * allowed):
        return True, "has the wrong sign", "have the wrong sign"
    if _same(actual, np.zeros_like(actual), allowed):
        return True, "is 0", "are 0"
    return False, "differs", "differ"
