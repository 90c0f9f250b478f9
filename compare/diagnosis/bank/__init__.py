"""The catalogue: every mistake that people make, a function each, in the module of its equation. Importing it fills
``compare.diagnosis.mistake.MISTAKES``.
"""

from compare.diagnosis.bank import activation, bp1, bp2, bp3, bp4, cost, examples, gradient, sgd, state, weighted_sum

__all__ = ["activation", "bp1", "bp2", "bp3", "bp4", "cost", "examples", "gradient", "sgd", "state", "weighted_sum"]
