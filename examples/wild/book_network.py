"""A class Network in the form that Nielsen's book has made popular."""

import itertools
import random

import numpy as np


def squash(z):
    return 1.0 / (1.0 + np.exp(-z))


class Network:
    def __init__(self, sizes):
        self.num_layers = len(sizes)
        self.biases = [np.random.randn(n, 1) for n in sizes[1:]]
        self.weights = [np.random.randn(n, k) for k, n in itertools.pairwise(sizes)]

    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights, strict=True):
            a = squash(w @ a + b)
        return a

    def train(self, data, epochs, size, eta):
        for _ in range(epochs):
            random.shuffle(data)
            for k in range(0, len(data), size):
                self.update_mini_batch(data[k : k + size], eta)

    def update_mini_batch(self, mini_batch, eta):
        sum_b = [np.zeros_like(b) for b in self.biases]
        sum_w = [np.zeros_like(w) for w in self.weights]
        for x, y in mini_batch:
            for_b, for_w = self.backprop(x, y)
            sum_b = [s + g for s, g in zip(sum_b, for_b, strict=True)]
            sum_w = [s + g for s, g in zip(sum_w, for_w, strict=True)]
        rate = eta / len(mini_batch)
        self.biases = [b - rate * s for b, s in zip(self.biases, sum_b, strict=True)]
        self.weights = [w - rate * s for w, s in zip(self.weights, sum_w, strict=True)]

    def backprop(self, x, y):
        steps = [x]
        for b, w in zip(self.biases, self.weights, strict=True):
            steps.append(squash(w @ steps[-1] + b))
        error = (steps[-1] - y) * steps[-1] * (1 - steps[-1])
        for_b, for_w = [error], [error @ steps[-2].T]
        for back in range(2, self.num_layers):
            error = self.weights[-back + 1].T @ error * steps[-back] * (1 - steps[-back])
            for_b.insert(0, error)
            for_w.insert(0, error @ steps[-back - 1].T)
        return for_b, for_w
