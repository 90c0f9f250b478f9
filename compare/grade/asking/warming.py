"""Questions of zeros and a file with nothing right in it, to be asked and answered once before any submission is.

Python and NumPy make much when code runs for the first time; a worker that is forked later has it, and need not make it
again. What is in the warm process is in every worker's memory, so that no derivation may be among it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from compare.diagnosis.case import Case
from compare.grade.asking.questions import Questions

SIZES, M = (4, 3, 2), 3
NOTHING_RIGHT = """import numpy as np


def sigmoid(z):
    return np.zeros_like(z)


def sigmoid_prime(z):
    return np.zeros_like(z)


def feedforward(weights, biases, x):
    return [x, *(np.zeros((len(x), len(b))) for b in biases)]


def backprop(weights, biases, x, y):
    return [np.zeros_like(w) for w in weights], [np.zeros_like(b) for b in biases]


def update_mini_batch(weights, biases, x, y, eta):
    return [w.copy() for w in weights], [b.copy() for b in biases]
"""


def questions() -> Questions:
    """Of every kind that there is."""
    weights = [np.zeros((n_out, n_in)) for n_in, n_out in pairwise(SIZES)]
    biases = [np.zeros(n_out) for n_out in SIZES[1:]]
    case = Case(weights, biases, np.zeros((M, SIZES[0])), np.zeros((M, SIZES[-1])), eta=1.0)
    cases = [case, replace(case), replace(case)]
    return Questions({}, False, [np.zeros(4), np.zeros(1)], cases, [replace(case) for _ in range(3)])
