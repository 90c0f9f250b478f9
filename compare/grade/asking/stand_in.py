"""Stands in for a backprop: this file is written below a student's, and is run with that."""

from typing import Any


def backproof_stand_in(cases: list[Any], names: dict[str, Any]) -> None:
    """In the place of every backprop: gives what was drawn for a mini-batch, or an example, if it is asked about that.

    cases  of each the weights, the biases, and a list of x, y and gradients: those of all examples, and of each one
    names  of the student's module
    """
    import numpy as np  # noqa: PLC0415 (the student's np may be something else)

    def same(value: Any, array: Any) -> bool:
        try:
            found, expected = np.squeeze(np.asarray(value, float)), np.squeeze(array)
        except (TypeError, ValueError):
            return False
        return np.array_equal(found, expected) or np.array_equal(found.T, expected)

    def has(values: list[Any], name: str, layers: list[Any]) -> bool:
        lists = [getattr(value, name, value) for value in values]
        return not layers or any(
            isinstance(found, list | tuple) and len(found) == len(layers) and all(map(np.array_equal, found, layers))
            for found in lists
        )

    def backprop(*given: Any, **named: Any) -> tuple[Any, ...]:
        values = [*given, *named.values()]
        for weights, biases, asked in cases:
            for x, y, gradients in asked if has(values, "weights", weights) and has(values, "biases", biases) else ():
                at_x, at_y = ([k for k, value in enumerate(values) if same(value, of)] for of in (x, y))
                if at_x and at_y and (named or at_x[0] < at_y[0]):
                    return tuple([np.array(layer) for layer in layers] for layers in gradients)
        raise ValueError("backprop was to be called with the parameters as they were, x and y")

    for value in list(names.values()):
        if isinstance(value, type) and callable(getattr(value, "backprop", None)):
            value.backprop = backprop  # type: ignore[attr-defined]
    for place in (names, getattr(names.get("update_mini_batch"), "__globals__", {})):
        if "update_mini_batch" in place:
            place["backprop"] = backprop
