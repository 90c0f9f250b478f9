"""Everything in as few lines as possible :)

cost = sum over the batch of |y - a|^2  (no 1/2, no 1/m: they only rescale eta)
"""
from functools import reduce

import numpy as np

sigmoid = lambda z: 0.5 * (1.0 + np.tanh(0.5 * z))
sigmoid_prime = lambda z: (lambda s: s - s * s)(sigmoid(z))

feedforward = lambda ws, bs, x: reduce(
    lambda acts, wb: acts + [sigmoid(np.einsum("ij,mj->mi", wb[0], acts[-1]) + wb[1])], zip(ws, bs), [x]
)


def backprop(ws, bs, x, y):
    acts = feedforward(ws, bs, x)
    slope = [a - a * a for a in acts]
    deltas = reduce(
        lambda ds, l: [np.einsum("mi,ij,mj->mj", ds[0], ws[l], slope[l])] + ds,
        range(len(ws) - 1, 0, -1),
        [2 * (acts[-1] - y) * slope[-1]],
    )
    return [np.einsum("mi,mj->ij", d, a) for d, a in zip(deltas, acts)], [np.einsum("mi->i", d) for d in deltas], deltas


def update_mini_batch(ws, bs, x, y, eta):
    return tuple([p - eta * g for p, g in zip(ps, gs)] for ps, gs in zip((ws, bs), backprop(ws, bs, x, y)))
