"""Owns what a check in use today is to the matrix, and the table of them all.

All of them are given the right cost, whatever the program under test takes for it. Where a check's author names no
threshold, ``rule`` says which one is taken and why.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from compare.diagnosis.case import Case
from compare.matrix.expected import Arrays

Check = Callable[[Case, Arrays, Arrays], bool]
REFUSED = (AssertionError, ValueError, RuntimeError, TypeError)  # how a check says no, or that it cannot say


@dataclass(frozen=True)
class Peer:
    """A check.

    rule    when it accepts, and where that threshold is from
    double  its documentation asks for float64
    needs   the module that has to be installed
    slow    it differences the cost by every weight, anew for each gradient: fewer trials are made
    """

    check: Check
    rule: str
    double: bool = False
    needs: str = "numpy"
    slow: bool = False

    @property
    def available(self) -> bool:
        """Whether the module that it needs is installed."""
        return importlib.util.find_spec(self.needs) is not None

    def accepts(self, case: Case, nabla_w: Arrays, nabla_b: Arrays) -> bool:
        """nabla_w (n_out, n_in) and nabla_b (n_out,) of each layer: does it let them pass?"""
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # gradcheck warns of float32, and goes on
            try:
                return bool(self.check(case, nabla_w, nabla_b))
            except REFUSED:
                return False


PEERS: dict[str, Peer] = {}


def peer(
    name: str, rule: str, double: bool = False, needs: str = "numpy", slow: bool = False
) -> Callable[[Check], Check]:
    """Enter a check into the table."""

    def register(check: Check) -> Check:
        PEERS[name] = Peer(check, rule, double, needs, slow)
        return check

    return register


def passes(check: Callable[..., None], *arguments: object) -> bool:
    """True, unless it raises AssertionError."""
    check(*arguments)
    return True
