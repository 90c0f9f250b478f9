"""The catalogue: every mistake that people make, a function each, in the module of its equation. Importing it fills
``compare.diagnosis.mistake.MISTAKES``.
"""

from compare.diagnosis.bank import bp1

__all__ = ["bp1"]
