# Exercise 4, class Network, column vectors
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(z))


def sigmoid_prime(z):
    s = sigmoid(z)
    return s * (1 - s)


class Network:
    def __init__(self, sizes):
        self.sizes = sizes
        self.weights = [np.random.randn(n, k) for k, n in zip(sizes, sizes[1:])]
        self.biases = [np.random.randn(n, 1) for n in sizes[1:]]

    def feedforward(self, a):
        for w, b in zip(self.weights, self.biases):
            a = sigmoid(w @ a + b)
        return a

    def backprop(self, x, y):
        activations, zs = [x], []
        for w, b in zip(self.weights, self.biases):
            zs.append(w @ activations[-1] + b)
            activations.append(sigmoid(zs[-1]))
        deltas = [(activations[-1] - y) * sigmoid_prime(zs[-1])]
        for w, z in zip(reversed(self.weights[1:]), reversed(zs[:-1])):
            deltas.insert(0, w.T @ deltas[0] * sigmoid_prime(z))
        return deltas, [delta @ a.T for delta, a in zip(deltas, activations)]

    def update_mini_batch(self, mini_batch, eta):
        found = [self.backprop(x, y) for x, y in mini_batch]
        for l in range(len(self.weights)):
            self.biases[l] = self.biases[l] - eta / len(mini_batch) * sum(nabla_b[l] for nabla_b, _ in found)
            self.weights[l] = self.weights[l] - eta / len(mini_batch) * sum(nabla_w[l] for _, nabla_w in found)
