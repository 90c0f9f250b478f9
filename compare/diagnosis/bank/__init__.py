"""The catalogue: every mistake that people make, a function each, in the module of its equation. Importing it fills
``compare.diagnosis.mistake.MISTAKES``.
"""

from compare.diagnosis.bank import bp1, bp2, bp3, bp4, cost, examples, forward, gradient, sgd, state

__all__ = ["bp1", "bp2", "bp3", "bp4", "cost", "examples", "forward", "gradient", "sgd", "state"]
