"""One example as a column vector; what is minimised is the squared error without a half in front of it."""

import numpy as np


def sigmoid(z):
    return np.exp(z) / (1 + np.exp(z)) if np.isscalar(z) else 1 / (1 + np.exp(-z))


def loss(prediction, target):
    return float(np.sum((prediction - target) ** 2))


def feedforward(weights, biases, x):
    a = x
    for W, b in zip(weights, biases, strict=True):
        a = sigmoid(W @ a + b)
    return a


def backprop(weights, biases, x, y):
    layers = [x]
    for W, b in zip(weights, biases, strict=True):
        layers.append(sigmoid(W @ layers[-1] + b))

    dW, db = [None] * len(weights), [None] * len(weights)
    dA = 2 * (layers[-1] - y)
    for i in range(len(weights) - 1, -1, -1):
        dZ = dA * layers[i + 1] * (1 - layers[i + 1])
        dW[i] = dZ @ layers[i].T
        db[i] = dZ
        dA = weights[i].T @ dZ
    return dW, db
