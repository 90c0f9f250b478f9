"""Instruments for what the bank does not hold: each says in a sentence what it found about a tensor."""

from compare.diagnosis.instruments.algebra import Subject, batch
from compare.diagnosis.instruments.arrangement import symmetry
from compare.diagnosis.instruments.decomposition import examples
from compare.diagnosis.instruments.quantity import Finding
from compare.diagnosis.instruments.scaling import scale
from compare.diagnosis.instruments.weight_decay import decay

__all__ = ["Finding", "Subject", "batch", "decay", "examples", "scale", "symmetry"]
