"""A neuron fires when the weighted sum is above its threshold: what is left over is what counts."""
import numpy as np


class Network(object):
    def __init__(self, layers):
        self.layers = layers
        self.biases = [np.random.normal(size=(n, 1)) for n in layers[1:]]
        self.weights = [np.random.normal(size=(n, m)) for m, n in zip(layers[:-1], layers[1:])]

    def feedforward(self, a):
        for threshold, w in zip(self.biases, self.weights):
            a = sigmoid(np.dot(w, a) - threshold)
        return a

    def update_mini_batch(self, batch, eta):
        change_b = [np.zeros_like(b) for b in self.biases]
        change_w = [np.zeros_like(w) for w in self.weights]
        for x, y in batch:
            nabla_b, nabla_w = self.backprop(x, y)
            change_b = [c + n for c, n in zip(change_b, nabla_b)]
            change_w = [c + n for c, n in zip(change_w, nabla_w)]
        self.biases = [b - eta * c / len(batch) for b, c in zip(self.biases, change_b)]
        self.weights = [w - eta * c / len(batch) for w, c in zip(self.weights, change_w)]

    def backprop(self, x, y):
        outs = [x]
        for threshold, w in zip(self.biases, self.weights):
            outs.append(sigmoid(np.dot(w, outs[-1]) - threshold))
        delta = (outs[-1] - y) * outs[-1] * (1 - outs[-1])
        nabla_b, nabla_w = [delta], [np.dot(delta, outs[-2].T)]
        for l in range(len(self.weights) - 1, 0, -1):
            delta = np.dot(self.weights[l].T, delta) * outs[l] * (1 - outs[l])
            nabla_b.insert(0, delta)
            nabla_w.insert(0, np.dot(delta, outs[l - 1].T))
        return nabla_b, nabla_w


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))
