# Kofi - input, hidden, output
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def feedforward(weights, biases, x):
    w1, w2 = weights
    b1, b2 = biases
    hidden = sigmoid(x @ w1.T + b1)
    output = sigmoid(hidden @ w2.T + b2)
    return [x, hidden, output]


def backprop(weights, biases, x, y):
    w1, w2 = weights
    x, hidden, output = feedforward(weights, biases, x)
    delta2 = (output - y) * output * (1 - output)
    delta1 = delta2 @ w2 * hidden * (1 - hidden)
    m = len(x)
    return [delta1.T @ x / m, delta2.T @ hidden / m], [delta1.mean(axis=0), delta2.mean(axis=0)], [delta1, delta2]


def update_mini_batch(weights, biases, x, y, eta):
    (dw1, dw2), (db1, db2), _ = backprop(weights, biases, x, y)
    w1, w2 = weights
    b1, b2 = biases
    return [w1 - eta * dw1, w2 - eta * dw2], [b1 - eta * db1, b2 - eta * db2]
