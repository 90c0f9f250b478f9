"""Plain functions on one example, a 1-D vector: np.outer for the weights."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    s = sigmoid(z)
    return s * (1 - s)


def feedforward(weights, biases, x):
    activations = [x]
    for w, b in zip(weights, biases, strict=True):
        activations.append(sigmoid(np.dot(w, activations[-1]) + b))
    return activations


def backprop(weights, biases, x, y):
    zs, activations = [], [x]
    for w, b in zip(weights, biases, strict=True):
        zs.append(np.dot(w, activations[-1]) + b)
        activations.append(sigmoid(zs[-1]))

    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_w, nabla_b = [np.outer(delta, activations[-2])], [delta]
    for layer in range(len(weights) - 2, -1, -1):
        delta = np.dot(weights[layer + 1].T, delta) * sigmoid_prime(zs[layer])
        nabla_w.insert(0, np.outer(delta, activations[layer]))
        nabla_b.insert(0, delta)
    return nabla_w, nabla_b
