"""Homework: backpropagation. It trains, its accuracy climbs, and it is wrong."""

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def feedforward(weights, biases, x):
    activations = [x]
    for w, b in zip(weights, biases):
        activations.append(sigmoid(activations[-1] @ w.T + b))
    return activations


def backprop(weights, biases, x, y):
    activations = feedforward(weights, biases, x)
    nabla_w, nabla_b = [], []
    delta = (activations[-1] - y) * activations[-1] * (1 - activations[-1])
    for w, a_below in zip(reversed(weights), reversed(activations[:-1])):
        nabla_w.insert(0, delta.T @ a_below / len(x))
        nabla_b.insert(0, delta.mean(axis=0))
        delta = delta @ w
    return nabla_w, nabla_b


def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b = backprop(weights, biases, x, y)
    return (
        [w - eta * nw for w, nw in zip(weights, nabla_w)],
        [b - eta * nb for b, nb in zip(biases, nabla_b)],
    )
