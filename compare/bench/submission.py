"""A right implementation in the functions that ``backproof check`` asks for, and nothing of backproof's in it."""

import numpy as np


def sigmoid(z: np.ndarray) -> np.ndarray:
    """σ(z)."""
    return 1 / (1 + np.exp(-z))


def feedforward(weights: list[np.ndarray], biases: list[np.ndarray], x: np.ndarray) -> list[np.ndarray]:
    """The activations of every layer."""
    activations = [x]
    for w, b in zip(weights, biases, strict=True):
        activations.append(sigmoid(activations[-1] @ w.T + b))
    return activations


def backprop(
    weights: list[np.ndarray], biases: list[np.ndarray], x: np.ndarray, y: np.ndarray
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """∇w and ∇b of the mean cost, by BP1 to BP4."""
    a = feedforward(weights, biases, x)
    nabla_w: list[np.ndarray] = []
    nabla_b: list[np.ndarray] = []
    delta = (a[-1] - y) * a[-1] * (1 - a[-1])
    for l in range(len(weights) - 1, -1, -1):
        nabla_w.insert(0, delta.T @ a[l] / len(x))
        nabla_b.insert(0, delta.mean(axis=0))
        delta = delta @ weights[l] * a[l] * (1 - a[l])
    return nabla_w, nabla_b


def update_mini_batch(
    weights: list[np.ndarray], biases: list[np.ndarray], x: np.ndarray, y: np.ndarray, eta: float
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """One step of gradient descent."""
    nabla_w, nabla_b = backprop(weights, biases, x, y)
    steps = [(weights, nabla_w), (biases, nabla_b)]
    new = [[p - eta * nabla for p, nabla in zip(*pair, strict=True)] for pair in steps]
    return new[0], new[1]
