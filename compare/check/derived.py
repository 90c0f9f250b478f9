"""A derivation with mistakes as something to check: it shows what functions would show, and breaks as code would."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from compare.check.readings import only
from compare.check.subject import FORWARD, GRADIENT, SHOWN_BY, UPDATE
from compare.diagnosis.case import Case, Fault, Observed, Shown
from compare.diagnosis.derivation import Derivation, Planted

ALL = (FORWARD, GRADIENT, UPDATE)


class Derived:
    """A subject with those mistakes, which has those functions."""

    def __init__(self, planted: Sequence[Planted] = (), offers: Collection[str] = ALL, deltas: bool = True) -> None:
        """With ``deltas``, backprop returns them, too."""
        self.derivation, self.offers = Derivation(planted), frozenset(offers)
        self.names = {name for function in offers for name in SHOWN_BY[function]} - (set() if deltas else {"deltas"})

    def observe(self, case: Case) -> Observed:
        """What its functions show; a tensor of another shape than it should have is a fault, and so is an error."""
        try:
            observed = only(self.derivation.observe(case), self.names)
        except ValueError as e:
            return Observed(Shown(), [Fault("raised", GRADIENT, f"{GRADIENT} raised ValueError: {e}")])
        self._leave_out(case, observed)
        return observed

    def call(self, name: str, z: np.ndarray) -> tuple[np.ndarray | None, list[Fault]]:
        """It has neither sigmoid nor sigmoid_prime."""
        return None, []

    def _leave_out(self, case: Case, observed: Observed) -> None:
        right = Derivation().observe(case).trace
        for holder, wanted in ((observed.trace, right), (observed.trace.after, right.after)):
            for name in self.names:
                for l, array in enumerate(layers := getattr(holder, name, [])):
                    if array.shape != (shape := getattr(wanted, name)[l].shape):
                        sentence = f"{name}[{l + 1}] has shape {array.shape[1:]}; expected {shape[1:]}"
                        observed.faults.append(Fault("shape", GRADIENT, sentence))
                        layers[l] = None
