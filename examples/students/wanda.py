import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return np.exp(z) / (1 + np.exp(z)) ** 2


def feedforward(weights, biases, x):
    layers = [x]
    for w, b in zip(weights, biases):
        layers.append(sigmoid(layers[-1] @ w.T + b))
    return layers


def backprop(weights, biases, x, y):
    layers = feedforward(weights, biases, x)
    grad_w, grad_b = [], []
    d = (layers[-1] - y) * layers[-1] * (1 - layers[-1])
    for i in range(len(weights) - 1, -1, -1):
        grad_w.append(d.T @ layers[i] / len(x))
        grad_b.append(d.mean(axis=0))
        d = d @ weights[i] * layers[i] * (1 - layers[i])
    return grad_w[::-1], grad_b[::-1]


def update_mini_batch(weights, biases, x, y, eta):
    grad_w, grad_b = backprop(weights, biases, x, y)
    new_weights = []
    new_biases = []
    for w, b, gw, gb in zip(weights, biases, grad_w, grad_b):
        new_weights.append(w - eta * gw)
        new_biases.append(b - eta * gb)
