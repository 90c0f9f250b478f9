"""All that somebody's implementation shows of one case: its functions are asked, and their answers made canonical."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from compare.diagnosis.case import Case, Observed, Shown
from compare.submission.answers import Answer
from compare.submission.asking import Returned, ask
from compare.submission.conventions import Conventions
from compare.submission.host import Host
from compare.submission.network_class import UPDATE
from compare.submission.reading import Layers, Reading
from compare.trace import Weights


class Observation:
    """Fills ``observed`` from one case; what cannot be used is left out of its trace, and is among its faults."""

    def __init__(self, host: Host, conventions: Conventions, case: Case) -> None:
        """Raises ConventionError if the case cannot be put in that form."""
        self.host, self.c, self.case = host, conventions, case
        self.weights = conventions.weights_of(case.weights, case.biases)
        self.biases = conventions.biases_of(case.biases)
        self.observed = Observed(Shown())

    def feedforward(self) -> None:
        """The activations; of the hidden layers None, where the function gives the output only."""
        reading = self._reading("feedforward", "the activations, a list from x to the output")
        parts = self._each(reading, lambda x, _: {"x": x}, lambda returned, m: (reading.activations(returned, m),))
        self.observed.trace.activations = _steps(_combined([layers for (layers,) in parts], np.concatenate))

    def backprop(self) -> None:
        """The gradients of the mini-batch cost, and the deltas if they are returned too."""
        reading = self._reading("backprop", "nabla_w, nabla_b" if self.c.gradients == "w, b" else "nabla_b, nabla_w")
        parts = self._each(reading, lambda x, y: {"x": x, "y": y}, lambda *given: reading.gradients(*given) or ())
        if not parts:
            return
        nabla_w, nabla_b, deltas = zip(*parts, strict=True)
        trace = self.observed.trace
        trace.nabla_w = _steps(_combined(nabla_w, self._reduced))
        trace.nabla_b = _steps(_combined(nabla_b, self._reduced))
        trace.deltas = _steps(_combined(deltas, np.concatenate))

    def update_mini_batch(self) -> None:
        """The parameters after one step. A function that takes one example is asked only if there is just one."""
        takes_one = self.c.batch == "one" and not self.host.network
        if takes_one and self.case.m != 1:
            return
        x, y = map(self._example if takes_one else self._mini_batch, (self.case.x, self.case.y))
        reading = self._reading(UPDATE, "weights, biases")
        if (returned := self._ask(reading, {"x": x, "y": y, "eta": self.case.eta})) is None:
            return
        if found := reading.parameters(returned):
            after = self.observed.trace.after = Weights([], [])
            after.weights, after.biases = map(_steps, found)

    def _reading(self, function: str, expected: str) -> Reading:
        dtype, place = self.case.x.dtype, self.host.offers.get(function)
        answer = Answer(function, dtype, place, expected, finite=self.case.finite, faults=self.observed.faults)
        return Reading(self.c, self.case.sizes, (self.weights, self.biases), answer)

    def _ask(self, reading: Reading, rest: dict[str, Any]) -> Returned | None:
        arguments = {"weights": self.weights, "biases": self.biases} | rest
        return ask(self.host, reading.answer, arguments, self.case.sizes)

    def _examples(self, x: np.ndarray) -> Any:
        """All examples as the code wants them: an array, or a list of single ones."""
        return [self.c.example_of(row) for row in x] if self.c.one_by_one else self.c.examples_of(x)

    def _example(self, x: np.ndarray) -> Any:
        return self.c.example_of(x[0])

    def _mini_batch(self, x: np.ndarray) -> Any:
        """As an update wants it: rows are an array, but a Network's list of examples is one of them."""
        rows = self.c.batch == "one but update" and self.c.examples == "rows" and not self.host.network
        return self.c.examples_of(x) if rows else self._examples(x)

    def _each(
        self,
        reading: Reading,
        rest: Callable[[Any, Any], dict[str, Any]],
        read: Callable[[Returned, int], tuple[Layers, ...]],
    ) -> list[tuple[Layers, ...]]:
        """What was read of each call; nothing if one of them gave nothing of use, after which none is made."""
        x, y = self._examples(self.case.x), self._examples(self.case.y)
        calls = list(zip(x, y, strict=True)) if self.c.one_by_one else [(x, y)]
        found: list[tuple[Layers, ...]] = []
        for arguments in calls:
            returned = self._ask(reading, rest(*arguments))
            part = () if returned is None else read(returned, self.case.m // len(calls))
            if _of_no_use(part):
                return []
            found.append(part)
        return found

    def _reduced(self, gradients: Sequence[np.ndarray]) -> np.ndarray:
        """The gradient of the mini-batch, from those of its examples, or from the one of them all."""
        if not self.c.one_by_one:
            return gradients[0]
        total = np.sum(gradients, axis=0)
        return total if self.case.summed else total / total.dtype.type(self.case.m)


def _of_no_use(part: tuple[Layers, ...]) -> bool:
    return all(array is None for layers in part for array in layers)


def _combined(parts: Sequence[Layers], how: Callable[[Sequence[np.ndarray]], np.ndarray]) -> Layers:
    """One array a layer, from the layers of each call; None where a call has none."""
    if not parts or not all(parts):
        return []
    return [None if any(a is None for a in layer) else how(layer) for layer in zip(*parts, strict=True)]


def _steps(layers: Layers) -> Layers:
    """The layers of one step, as a Trace has them; no layers at all where none could be used."""
    if all(array is None for array in layers):
        return []
    return [None if array is None else np.array(array)[None] for array in layers]
