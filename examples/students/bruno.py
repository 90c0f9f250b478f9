import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def feedforward(weights, biases, x):
    result = [x]
    for i in range(len(weights)):
        result.append(sigmoid(result[i] @ weights[i].T + biases[i]))
    return result


def backprop(weights, biases, x, y):
    n = len(weights)
    m = len(x)
    result = feedforward(weights, biases, x)
    nabla_w, nabla_b, errors = [None] * n, [None] * n, [None] * n
    # output layer
    error = (result[n] - y) * result[n] * (1 - result[n])
    errors[n - 1] = error
    nabla_w[n - 1] = error.T @ result[n - 1] / m
    nabla_b[n - 1] = error.sum(axis=0) / m
    # all the others
    for i in range(n - 2, -1, -1):
        nabla_w[i] = error.T @ result[i] / m
        nabla_b[i] = error.sum(axis=0) / m
        error = (error @ weights[i + 1]) * result[i + 1] * (1 - result[i + 1])
        errors[i] = error
    return nabla_w, nabla_b, errors


def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b, errors = backprop(weights, biases, x, y)
    weights = [weights[i] - eta * nabla_w[i] for i in range(len(weights))]
    biases = [biases[i] - eta * nabla_b[i] for i in range(len(biases))]
    return weights, biases
