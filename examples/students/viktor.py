import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def feedforward(weights, biases, x):
    activations = [x]
    for w, b in zip(weights, biases):
        activations.append(sigmoid(np.matmul(activations[-1], w.T) + b))
    return activations


def cost(weights, biases, x, y):
    return np.sum((feedforward(weights, biases, x)[-1] - y) ** 2) / (2 * len(x))


def backprop(weights, biases, x, y):
    activations = feedforward(weights, biases, x)
    delta = (activations[-1] - y) * activations[-1] * (1 - activations[-1])
    deltas = [delta]
    for w, a in zip(weights[:0:-1], activations[-2:0:-1]):
        delta = np.matmul(delta, w) * a * (1 - a)
        deltas.append(delta)
    deltas.reverse()
    nabla_w = [np.matmul(d.T, a) / len(x) for d, a in zip(deltas, activations)]
    nabla_b = [np.sum(d, axis=0) / len(x) for d in deltas]
    return nabla_w, nabla_b, deltas


def update_mini_batch(weights, biases, x, y, eta):
    # gradient descent until it has converged
    while cost(weights, biases, x, y) > 1e-12:
        nabla_w, nabla_b, _ = backprop(weights, biases, x, y)
        weights = [w - eta * nw for w, nw in zip(weights, nabla_w)]
        biases = [b - eta * nb for b, nb in zip(biases, nabla_b)]
    return weights, biases
