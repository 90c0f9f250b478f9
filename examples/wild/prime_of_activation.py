"""sigmoid_prime is handed activations, here and nowhere else: it looks wrong, and is right."""

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(a):
    return a * (1.0 - a)


def feedforward(weights, biases, x):
    activations = [x]
    for w, b in zip(weights, biases, strict=True):
        activations.append(sigmoid(activations[-1] @ w.T + b))
    return activations


def backprop(weights, biases, x, y):
    activations = feedforward(weights, biases, x)
    m = x.shape[0]
    delta = (activations[-1] - y) * sigmoid_prime(activations[-1])
    nabla_w = [delta.T @ activations[-2] / m]
    nabla_b = [delta.sum(axis=0) / m]
    for l in range(2, len(activations)):
        delta = (delta @ weights[-l + 1]) * sigmoid_prime(activations[-l])
        nabla_w.insert(0, delta.T @ activations[-l - 1] / m)
        nabla_b.insert(0, delta.sum(axis=0) / m)
    return nabla_w, nabla_b
