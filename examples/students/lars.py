import numpy as np

# calculating the forward pass twice is a waste of time (feedforward, and then again in backprop).
# So I remember the result for every batch.
CACHE = {}


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1.0 - sigmoid(z))


def feedforward(weights, biases, x):
    key = x.tobytes()
    if key in CACHE:
        return CACHE[key]
    activations = [x]
    for w, b in zip(weights, biases):
        activations.append(sigmoid(activations[-1].dot(w.T) + b))
    CACHE[key] = activations
    return activations


def backprop(weights, biases, x, y):
    activations = feedforward(weights, biases, x)
    n = x.shape[0]
    delta = (activations[-1] - y) * activations[-1] * (1 - activations[-1])
    nabla_w, nabla_b, deltas = [], [], []
    for l in range(len(weights) - 1, -1, -1):
        deltas.insert(0, delta)
        nabla_w.insert(0, delta.T.dot(activations[l]) / n)
        nabla_b.insert(0, delta.sum(axis=0) / n)
        delta = delta.dot(weights[l]) * activations[l] * (1 - activations[l])
    return nabla_w, nabla_b, deltas


def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b, deltas = backprop(weights, biases, x, y)
    weights = [w - eta * nw for w, nw in zip(weights, nabla_w)]
    biases = [b - eta * nb for b, nb in zip(biases, nabla_b)]
    return weights, biases
