import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def feedforward(weights, biases, x):
    # digits are classes, so the last layer gives probabilities
    activations = [x]
    for l, (w, b) in enumerate(zip(weights, biases)):
        z = activations[-1] @ w.T + b
        last = l == len(weights) - 1
        activations.append(softmax(z) if last else sigmoid(z))
    return activations


def backprop(weights, biases, x, y):
    activations = feedforward(weights, biases, x)
    m = len(x)
    out = activations[-1]
    deltas = [(out - y) * out * (1 - out)]
    for l in range(len(weights) - 1, 0, -1):
        h = activations[l]
        deltas.insert(0, deltas[0] @ weights[l] * h * (1 - h))
    return (
        [d.T @ a / m for d, a in zip(deltas, activations)],
        [d.mean(axis=0) for d in deltas],
        deltas,
    )


def update_mini_batch(weights, biases, x, y, eta):
    gw, gb, _ = backprop(weights, biases, x, y)
    return [w - eta * g for w, g in zip(weights, gw)], [b - eta * g for b, g in zip(biases, gb)]
