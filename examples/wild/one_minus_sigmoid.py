"""The sigmoid from the other side, 1 - sigmoid(-z), with examples as columns and weights that stay (out, in)."""

import numpy as np


def sigmoid(z):
    return 1 - 1 / (1 + np.exp(z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def feedforward(weights, biases, x):
    a = [x]
    for w, b in zip(weights, biases, strict=True):
        a.append(sigmoid(w @ a[-1] + b))
    return a


def backprop(weights, biases, x, y):
    a, m = feedforward(weights, biases, x), x.shape[1]
    delta = (a[-1] - y) * a[-1] * (1 - a[-1])
    deltas = [delta]
    for l in range(len(weights) - 1, 0, -1):
        delta = weights[l].T @ delta * a[l] * (1 - a[l])
        deltas.insert(0, delta)
    return [d @ a[l].T / m for l, d in enumerate(deltas)], [d.mean(axis=1, keepdims=True) for d in deltas], deltas
