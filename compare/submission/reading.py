"""What one call returned, in the form that the code has it, read as canonical arrays; its answer tells the faults."""

from __future__ import annotations

from typing import Any

import numpy as np

from compare.submission.answers import Answer, described, labelled
from compare.submission.asking import Returned
from compare.submission.conventions import Conventions
from compare.submission.network_class import UPDATE

Layers = list[Any]  # a canonical array for each layer, or None where it could not be used


class Reading:
    """Reads the values of one function that was given those parameters, in its own form."""

    def __init__(
        self, c: Conventions, sizes: tuple[int, ...], parameters: tuple[list[np.ndarray], list[np.ndarray]], a: Answer
    ) -> None:
        self.c, self.sizes, self.answer = c, sizes, a
        self.weight_shapes, self.bias_shapes = ([array.shape for array in arrays] for arrays in parameters)

    @property
    def names(self) -> list[str]:
        """The results that a function returns, in order."""
        if self.answer.function == UPDATE:
            return ["weights", "biases"]
        return ["nabla_w", "nabla_b", "deltas"] if self.c.gradients == "w, b" else ["nabla_b", "nabla_w", "deltas"]

    def activations(self, returned: Returned, m: int) -> Layers:
        """The activations (m, n_l) of the layers 1 … L; None for those that are not there, as for the output alone."""
        value, count = returned.value, len(self.sizes)
        if isinstance(value, np.ndarray) and value.ndim <= len(self._examples_shape(m, 1)):
            return [None] * (count - 2) + self._examples([value], "the output", self.sizes[-1:], m)
        if self._is_of_several(value, count):
            return []
        self._tell_views(returned, ["activations"], allowed=("activations[0]", "x"))
        if (layers := self.answer.layers(value, "activations", count)) is None:
            return []
        return self._examples(layers, "activations", self.sizes, m)[1:]

    def _is_of_several(self, value: Any, count: int) -> bool:
        """Whether there are lists of arrays in the place of the activations, as in (zs, activations); a fault."""
        if not isinstance(value, list | tuple) or not any(_is_list_of_arrays(part) for part in value):
            return False
        lengths = {len(part) for part in value if isinstance(part, list | tuple)}
        if len(value) == count and len(lengths) == 1:
            return False  # the activations may be lists of rows
        came = ", ".join(described(part) for part in value)
        sentence = (
            f"feedforward returned {len(value)} results, {came}; expected {self.answer.expected}, and nothing else"
        )
        self.answer.fault("arity", f"{sentence}: return that alone, or have an --adapter pick it out")
        return True

    def gradients(self, returned: Returned, m: int) -> tuple[Layers, Layers, Layers] | None:
        """nabla_w (n_out, n_in), nabla_b (n_out,) and deltas (m, n_l), or no layers of what there is not."""
        if (results := self._results(returned, 3)) is None:
            return None
        w, b = self._parameters(results, "nabla_w", "nabla_b")
        deltas: Layers = []
        there = "deltas" in results and not _is_number(results["deltas"])  # which is the cost
        if there and (layers := self.answer.layers(results["deltas"], "deltas", len(w))) is not None:
            deltas = self._examples(layers, "deltas", self.sizes[1:], m)
        return _signed(w, self.c), _signed(b, self.c), _signed(deltas, self.c)

    def parameters(self, returned: Returned) -> tuple[Layers, Layers] | None:
        """weights (n_out, n_in) and biases (n_out,)."""
        results = self._results(returned, 2)
        return self._parameters(results, "weights", "biases") if results else None

    def _results(self, returned: Returned, most: int) -> dict[str, Any] | None:
        """The results by name. Where there is no list of biases, that of the weights may come alone."""
        value, names = returned.value, self.names
        if not self.c.separate and _is_list_of_arrays(value) and len(value) == len(self.weight_shapes):
            names, value = [next(n for n in names if n in ("nabla_w", "weights"))], [value]
        results = self.answer.results(value, min(2, len(names)), most)
        if results is None:
            return None
        self._tell_views(returned, names)
        return dict(zip(names, results, strict=False))

    def _parameters(self, results: dict[str, Any], w_name: str, b_name: str) -> tuple[Layers, Layers]:
        found = [
            None if array is None else self.c.canonical_weight(array)
            for array in self._arrays(results[w_name], w_name, self.weight_shapes)
        ]
        weights: Layers = [w_b and w_b[0] for w_b in found]
        if self.c.folded:
            return weights, [w_b and w_b[1] for w_b in found]
        if not self.c.separate:
            return weights, []
        biases = self._arrays(results[b_name], b_name, self.bias_shapes)
        return weights, [None if b is None else b.reshape(-1) for b in biases]

    def _arrays(self, value: Any, name: str, shapes: list[tuple[int, ...]]) -> Layers:
        layers = self.answer.layers(value, name, len(shapes))
        if layers is None:
            return [None] * len(shapes)
        return [
            self.answer.array(v, f"{name}[{i}]", shape) for i, (v, shape) in enumerate(zip(layers, shapes, strict=True))
        ]

    def _examples(self, values: list[Any], name: str, widths: tuple[int, ...], m: int) -> Layers:
        found: Layers = []
        for i, (value, n) in enumerate(zip(values, widths, strict=True)):
            label = name if name == "the output" else f"{name}[{i}]"
            array = self.answer.array(value, label, self._examples_shape(m, n))
            found.append(None if array is None else self.c.canonical_examples(array))
        return found

    def _examples_shape(self, m: int, n: int) -> tuple[int, ...]:
        if self.c.one_by_one and self.c.examples == "rows":
            return (n,)
        return (m, n) if self.c.examples == "rows" else (n, m)

    def _tell_views(self, returned: Returned, names: list[str], allowed: tuple[str, str] | None = None) -> None:
        for path, argument in returned.shares:
            rest = path if len(names) == 1 else path[1:]
            part = names[0 if len(names) == 1 else path[0]] + "".join(f"[{i}]" for i in rest)
            if (part, argument) != allowed and (self.answer.function != UPDATE or part != argument):
                sentence = (
                    f"{labelled(part)} is a view of {argument}: a later change of one changes the other; return a copy"
                )
                self.answer.fault("views", f"{self.answer.function}: {sentence}", part)


def _is_list_of_arrays(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(v, np.ndarray) for v in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0)


def _signed(layers: Layers, c: Conventions) -> Layers:
    return [-array if array is not None and c.sign == "minus" else array for array in layers]
