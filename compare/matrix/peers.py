"""Owns the list of the checks in use today: importing it fills PEERS, in the order of the figure."""

from compare.matrix import (
    comparisons,  # noqa: F401
    differences,  # noqa: F401
)
from compare.matrix.peer import PEERS, Peer

__all__ = ["PEERS", "Peer"]
