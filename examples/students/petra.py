"""Backpropagation for a sigmoid network, by hand."""

import numpy as np


def sigmoid(z: np.ndarray) -> np.ndarray:
    """σ(z) = 1 / (1 + e⁻ᶻ), of every element."""
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z: np.ndarray) -> np.ndarray:
    """σ′(z), of every element."""
    return sigmoid(z) * (1 - sigmoid(z))


def feedforward(weights: list[np.ndarray], biases: list[np.ndarray], x: np.ndarray) -> list[np.ndarray]:
    """The activations of every layer: [a^0, a^1, …, a^L], each (m, n_l), from a^0 = x to the output."""
    activations = [x]
    for i in range(len(weights)):
        activations.append(sigmoid(activations[i] @ weights[i].T + biases[i]))
    return activations


def backprop(weights, biases, x, y):
    """Did not have the time for this one, sorry!!"""
    raise NotImplementedError


def update_mini_batch(weights, biases, x, y, eta):
    # this should work as soon as backprop does
    nabla_w, nabla_b = backprop(weights, biases, x, y)
    for i in range(len(weights)):
        weights[i] = weights[i] - eta * nabla_w[i]
        biases[i] = biases[i] - eta * nabla_b[i]
    return weights, biases
