"""Written for speed: all that comes in is made float32 first, whatever it was."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def feedforward(weights, biases, x):
    a = [x.astype(np.float32)]
    for w, b in zip(weights, biases, strict=True):
        a.append(sigmoid(a[-1] @ w.T.astype(np.float32) + b.astype(np.float32)))
    return a


def backprop(weights, biases, x, y):
    a = feedforward(weights, biases, x)
    delta = (a[-1] - y.astype(np.float32)) * a[-1] * (1 - a[-1])
    nabla_w, nabla_b = [], []
    for l in range(len(weights) - 1, -1, -1):
        nabla_w.insert(0, delta.T @ a[l] / np.float32(len(x)))
        nabla_b.insert(0, delta.mean(axis=0))
        delta = delta @ weights[l].astype(np.float32) * a[l] * (1 - a[l])
    return nabla_w, nabla_b
