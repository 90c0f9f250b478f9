import numpy as np


def sigmoid(z):
    z = np.asarray(z)
    # two cases, so that exp() never gets a large number
    out = np.empty_like(z)
    pos = z >= 0
    out[pos] = 1 / (1 + np.exp(-z[pos]))
    e = np.exp(z[~pos])
    out[~pos] = e / (1 + e)
    return out


def sigmoid_prime(z):
    return sigmoid(z) * sigmoid(-z)


def feedforward(weights, biases, x):
    activations = [x]
    for w, b in zip(weights, biases):
        activations.append(sigmoid(activations[-1] @ w.T + b))
    return activations


def backprop(weights, biases, x, y):
    m = y.shape[0]
    activations = feedforward(weights, biases, x)
    delta = (activations[-1] - y) * activations[-1] * (1 - activations[-1])
    nabla_w, nabla_b = [], []
    for l in range(len(weights), 0, -1):
        nabla_w.insert(0, (delta.T @ activations[l - 1]) / m)
        nabla_b.insert(0, delta.mean(axis=0))
        delta = (delta @ weights[l - 1]) * activations[l - 1] * (1 - activations[l - 1])
    return nabla_w, nabla_b


def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b = backprop(weights, biases, x, y)
    # go in the direction of the gradient
    weights = [w + eta * nw for w, nw in zip(weights, nabla_w)]
    biases = [b + eta * nb for b, nb in zip(biases, nabla_b)]
    return weights, biases
