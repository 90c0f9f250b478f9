"""A class that only learns: train() changes the weights and returns nothing."""

import itertools

import numpy as np


class NeuralNetwork:
    def __init__(self, layers, lr=0.5):
        self.lr = lr
        self.weights = [np.random.randn(n, k) / np.sqrt(k) for k, n in itertools.pairwise(layers)]
        self.biases = [np.zeros(n) for n in layers[1:]]

    def activation(self, s):
        return 1.0 / (1.0 + np.exp(-s))

    def predict(self, X):
        out = X
        for w, b in zip(self.weights, self.biases, strict=True):
            out = self.activation(out @ w.T + b)
        return out

    def train(self, X, Y):
        outputs = [X]
        for w, b in zip(self.weights, self.biases, strict=True):
            outputs.append(self.activation(outputs[-1] @ w.T + b))

        delta = (outputs[-1] - Y) * outputs[-1] * (1 - outputs[-1])
        for i in reversed(range(len(self.weights))):
            grad_w = delta.T @ outputs[i] / len(X)
            grad_b = delta.mean(axis=0)
            delta = (delta @ self.weights[i]) * outputs[i] * (1 - outputs[i])
            self.weights[i] = self.weights[i] - self.lr * grad_w
            self.biases[i] = self.biases[i] - self.lr * grad_b

    def fit(self, X, Y, epochs=1000):
        for _ in range(epochs):
            self.train(X, Y)


if __name__ == "__main__":
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    Y = np.array([[0.0], [1.0], [1.0], [0.0]])
    net = NeuralNetwork([2, 4, 1], lr=4.0)
    net.fit(X, Y, epochs=5000)
    print(net.predict(X).round(2))
