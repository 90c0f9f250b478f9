"""error = target - output, as in the books of the nineties: the gradient comes out negated, and is added."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(weights, biases, x):
    outs = [x]
    for w, b in zip(weights, biases, strict=True):
        outs.append(sigmoid(outs[-1] @ w + b))
    return outs


def backprop(weights, biases, x, y):
    outs = forward(weights, biases, x)
    error = y - outs[-1]
    dws, dbs = [], []
    for i in range(len(weights) - 1, -1, -1):
        delta = error * outs[i + 1] * (1 - outs[i + 1])
        dws.append(outs[i].T @ delta / len(x))
        dbs.append(delta.sum(axis=0) / len(x))
        error = delta @ weights[i].T
    return dws[::-1], dbs[::-1]


def update_mini_batch(weights, biases, x, y, eta):
    dws, dbs = backprop(weights, biases, x, y)
    weights = [w + eta * dw for w, dw in zip(weights, dws, strict=True)]
    biases = [b + eta * db for b, db in zip(biases, dbs, strict=True)]
    return weights, biases
