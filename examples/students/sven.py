import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def feedforward(weights, biases, x):
    acts = [x]
    for w, b in zip(weights, biases):
        acts.append(sigmoid(np.dot(acts[-1], w.T) + b)
    return acts


def backprop(weights, biases, x, y):
    acts = feedforward(weights, biases, x)
    delta = (acts[-1] - y) * acts[-1] * (1 - acts[-1])
    nabla_w, nabla_b = [], []
    for l in range(len(weights) - 1, -1, -1):
        nabla_w.insert(0, np.dot(delta.T, acts[l]) / len(x))
        nabla_b.insert(0, delta.mean(axis=0))
        delta = np.dot(delta, weights[l]) * acts[l] * (1 - acts[l])
    return nabla_w, nabla_b
