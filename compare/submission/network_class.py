"""A class Network, as in Nielsen's book, presented as the functions feedforward, backprop and update_mini_batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

UPDATE = "update_mini_batch"  # the one function that may edit the parameters that it is given
OF_Z = ("sigmoid", "sigmoid_prime")
METHODS = ("feedforward", "backprop", UPDATE)


class NetworkError(Exception):
    """The class cannot be used as Nielsen's is; ``__cause__`` is what it raised, if it did."""


@dataclass(frozen=True)
class Made:
    """A network, and the shapes that it gave its own arrays."""

    net: Any
    weights: list[tuple[int, ...]]
    biases: list[tuple[int, ...]]


class Presented:
    """The functions of a class. One network is made for each ``sizes``, and kept, as in training.

    Before a call it is given the arrays of that call, and not copies; after it, they are what the network then has:
    so an edit of them is seen where all edits are looked for.
    """

    def __init__(self, network: type, name: str = "Network") -> None:
        """``name`` is what the class is called in the file."""
        self.network, self.name = network, name
        self.made: dict[tuple[int, ...], Made] = {}
        self.sizes: tuple[int, ...] = ()  # of the next call

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Those that the class has."""
        return {n: getattr(self, n) for n in (*OF_Z, *METHODS) if callable(getattr(self.network, n, None))}

    def sigmoid(self, z: np.ndarray) -> Any:
        """σ of every z, which needs no network's numbers."""
        return object.__new__(self.network).sigmoid(z)

    def sigmoid_prime(self, z: np.ndarray) -> Any:
        """σ′, likewise."""
        return object.__new__(self.network).sigmoid_prime(z)

    def feedforward(self, weights: list[Any], biases: list[Any], x: np.ndarray) -> Any:
        """The output for x, as the class gives it. Raises what the class does, and NetworkError."""
        return self._with(weights, biases, lambda net: net.feedforward(x))

    def backprop(self, weights: list[Any], biases: list[Any], x: np.ndarray, y: np.ndarray) -> Any:
        """The gradients, as the class gives them. Raises what the class does, and NetworkError."""
        return self._with(weights, biases, lambda net: net.backprop(x, y))

    def update_mini_batch(self, weights: list[Any], biases: list[Any], x: Any, y: Any, eta: float) -> None:
        """Edit weights and biases; lists of examples are given as a list of pairs. Raises as the others do."""
        batch = (list(zip(x, y, strict=True)),) if isinstance(x, list) else (x, y)
        self._with(weights, biases, lambda net: net.update_mini_batch(*batch, eta))

    def _with(self, weights: list[Any], biases: list[Any], call: Callable[[Any], Any]) -> Any:
        net = self._network(weights, biases)
        net.weights, net.biases = weights, biases
        value = call(net)
        if net.weights is not weights:
            weights[:] = net.weights
        if net.biases is not biases:
            biases[:] = net.biases
        return value

    def _network(self, weights: list[Any], biases: list[Any]) -> Any:
        if self.sizes not in self.made:
            net = self._construct()
            self.made[self.sizes] = Made(net, self._shapes(net, "weights"), self._shapes(net, "biases"))
        made = self.made[self.sizes]
        self._check("weights", made.weights, weights)
        self._check("biases", made.biases, biases)
        return made.net

    def _construct(self) -> Any:
        try:
            return self.network(list(self.sizes))
        except Exception as e:
            raise NetworkError(f"{self} raised {type(e).__name__}: {e}") from e

    def _shapes(self, net: Any, name: str) -> list[tuple[int, ...]]:
        if not hasattr(net, name):
            raise NetworkError(f"{self} has no .{name}; expected a list with an array for each layer of weights")
        try:
            return [np.shape(a) for a in getattr(net, name)]
        except (TypeError, ValueError) as e:
            raise NetworkError(f"{self}.{name} is no list with an array for each layer of weights") from e

    def _check(self, name: str, came: Sequence[tuple[int, ...]], given: Sequence[np.ndarray]) -> None:
        """Its own arrays have the shapes of those that it is to be given, in whatever form."""
        if came != (expected := [a.shape for a in given]):
            raise NetworkError(
                f"{self}.{name} has the shapes {came}, expected {expected}; "
                "state the form that it has in a dict `conventions`, or write an adapter"
            )

    def __str__(self) -> str:
        """As it is made."""
        return f"{self.name}({list(self.sizes)})"
