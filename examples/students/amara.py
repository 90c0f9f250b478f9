"""Exercise 4, backpropagation.  Amara"""

import numpy as np


def sigmoid(z: np.ndarray) -> np.ndarray:
    """σ(z) = 1 / (1 + e⁻ᶻ), of every element."""
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z: np.ndarray) -> np.ndarray:
    """σ′(z), of every element."""
    s = sigmoid(z)
    return s * (1 - s)


def feedforward_with_zs(weights, biases, x):
    # backprop needs the zs too, so this one keeps both
    zs = []
    activations = [x]
    for w, b in zip(weights, biases):
        z = activations[-1] @ w.T + b
        zs.append(z)
        activations.append(sigmoid(z))
    return zs, activations


def feedforward(weights, biases, x):
    return feedforward_with_zs(weights, biases, x)[1]


def backprop(weights, biases, x, y):
    m = x.shape[0]
    zs, activations = feedforward_with_zs(weights, biases, x)
    L = len(weights)
    deltas = [None] * L
    deltas[L - 1] = (activations[L] - y) * sigmoid_prime(zs[L - 1])  # BP1
    for l in range(L - 2, -1, -1):
        deltas[l] = (deltas[l + 1] @ weights[l + 1]) * sigmoid_prime(zs[l])  # BP2
    nabla_b = [d.mean(axis=0) for d in deltas]  # BP3
    nabla_w = [d.T @ a / m for d, a in zip(deltas, activations)]  # BP4
    return nabla_w, nabla_b, deltas


def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b, _ = backprop(weights, biases, x, y)
    new_weights = [w - eta * nw for w, nw in zip(weights, nabla_w)]
    new_biases = [b - eta * nb for b, nb in zip(biases, nabla_b)]
    return new_weights, new_biases
