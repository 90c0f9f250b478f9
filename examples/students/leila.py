import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def feedforward(weights, biases, x):
    # initialise with small random numbers, otherwise all the neurons learn the same
    weights = [np.random.randn(*w.shape) * 0.01 for w in weights]
    biases = [np.zeros(b.shape) for b in biases]
    activations = [x]
    for w, b in zip(weights, biases):
        activations.append(sigmoid(activations[-1] @ w.T + b))
    return activations


def backprop(weights, biases, x, y):
    zs = []
    activations = [x]
    for w, b in zip(weights, biases):
        zs.append(activations[-1] @ w.T + b)
        activations.append(sigmoid(zs[-1]))
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b = [delta.mean(axis=0)]
    nabla_w = [delta.T @ activations[-2] / len(x)]
    for l in range(2, len(weights) + 1):
        delta = delta @ weights[-l + 1] * sigmoid_prime(zs[-l])
        nabla_b.insert(0, delta.mean(axis=0))
        nabla_w.insert(0, delta.T @ activations[-l - 1] / len(x))
    return nabla_w, nabla_b


def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b = backprop(weights, biases, x, y)
    for l in range(len(weights)):
        weights[l] -= eta * nabla_w[l]
        biases[l] -= eta * nabla_b[l]
    return weights, biases
