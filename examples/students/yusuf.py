import numpy as np

# Yusuf & the rubber duck


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1.0 - sigmoid(z))


def forward(weights, biases, x):
    zs, activations = [], [x]
    for weight, bias in zip(weights, biases):
        zs.append(activations[-1] @ weight.T + bias)
        activations.append(sigmoid(zs[-1]))
    return zs, activations


def feedforward(weights, biases, x):
    _, activations = forward(weights, biases, x)
    return activations


def backprop(weights, biases, x, y):
    zs, activations = forward(weights, biases, x)
    # the derivative of 1/2 (a - y)^2 is a - y
    delta = activations[-1] - y
    deltas = [delta]
    for l in range(len(weights) - 1, 0, -1):
        delta = delta @ weights[l] * sigmoid_prime(zs[l - 1])
        deltas.insert(0, delta)
    nabla_w = [deltas[l].T @ activations[l] / x.shape[0] for l in range(len(weights))]
    nabla_b = [deltas[l].mean(axis=0) for l in range(len(weights))]
    return nabla_w, nabla_b, deltas


def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b, _ = backprop(weights, biases, x, y)
    for l in range(len(weights)):
        weights[l] = weights[l] - nabla_w[l]
        biases[l] = biases[l] - nabla_b[l]
    return weights, biases
