import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def feedforward(weights, biases, x):
    acts = [x]
    for w, b in zip(weights, biases):
        acts.append(sigmoid(acts[-1] @ w.T + b))
    return acts


def backprop(weights, biases, x, y):
    acts = feedforward(weights, biases, x)
    m = len(x)
    nabla_w = []
    nabla_b = []
    delta = (acts[-1] - y) * acts[-1] * (1 - acts[-1])
    for l in reversed(range(len(weights))):
        nabla_w.insert(0, 1 / m * delta.T @ acts[l])
        nabla_b.insert(0, np.sum(delta, axis=0))
        delta = delta @ weights[l] * acts[l] * (1 - acts[l])
    return nabla_w, nabla_b


def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b = backprop(weights, biases, x, y)
    # only the weights learn something, the bias is a constant
    return [w - eta * nw for w, nw in zip(weights, nabla_w)], biases
