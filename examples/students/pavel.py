import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def feedforward(weights, biases, x):
    activations = [x]
    for w, b in zip(weights, biases):
        activations.append(sigmoid(activations[-1] @ w.T + b))
    return activations


def backprop(weights, biases, x, y):
    activations = feedforward(weights, biases, x)
    delta = (activations[-1] - y) * activations[-1] * (1 - activations[-1])
    nabla_w, nabla_b = [], []
    for l in range(len(weights) - 1, -1, -1):
        # average over the mini-batch first, then the outer product (saves time)
        mean_delta = delta.mean(axis=0)
        mean_a = activations[l].mean(axis=0)
        nabla_w.insert(0, np.outer(mean_delta, mean_a))
        nabla_b.insert(0, mean_delta)
        delta = delta @ weights[l] * activations[l] * (1 - activations[l])
    return nabla_w, nabla_b


def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b = backprop(weights, biases, x, y)
    weights = [w - eta * nw for w, nw in zip(weights, nabla_w)]
    biases = [b - eta * nb for b, nb in zip(biases, nabla_b)]
    return weights, biases
