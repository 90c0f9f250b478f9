# network.py - my version of the class from the book (chapter 1), python 3
import random
import time

import numpy as np


class Network(object):

    def __init__(self, sizes):
        self.layers = len(sizes)
        self.sizes = sizes
        np.random.seed(42)
        self.biases = [np.random.randn(n, 1) for n in sizes[1:]]
        self.weights = [np.random.randn(n, k) / np.sqrt(k) for k, n in zip(sizes[:-1], sizes[1:])]

    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = sigmoid(np.dot(w, a) + b)
        return a

    def SGD(self, train, epochs, batch_size, eta, test=None):
        for epoch in range(epochs):
            start = time.time()
            random.shuffle(train)
            for i in range(0, len(train), batch_size):
                self.update_mini_batch(train[i:i + batch_size], eta)
            if test:
                print(f"epoch {epoch}: {self.evaluate(test)} of {len(test)} right, {time.time() - start:.1f} s")
            else:
                print("epoch", epoch, "done")

    def update_mini_batch(self, batch, eta):
        total_b = [np.zeros(b.shape) for b in self.biases]
        total_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in batch:
            db, dw = self.backprop(x, y)
            for l in range(self.layers - 1):
                total_b[l] += db[l]
                total_w[l] += dw[l]
        for l in range(self.layers - 1):
            self.biases[l] = self.biases[l] - eta / len(batch) * total_b[l]
            self.weights[l] = self.weights[l] - eta / len(batch) * total_w[l]

    def backprop(self, x, y):
        db = [np.zeros(b.shape) for b in self.biases]
        dw = [np.zeros(w.shape) for w in self.weights]
        # forward
        a, acts, zs = x, [x], []
        for b, w in zip(self.biases, self.weights):
            z = np.dot(w, a) + b
            a = sigmoid(z)
            zs.append(z)
            acts.append(a)
        # backward
        error = self.cost_derivative(acts[-1], y) * sigmoid_prime(zs[-1])
        db[-1] = error
        dw[-1] = np.dot(error, acts[-2].T)
        for k in range(2, self.layers):  # from the end, python counts -1, -2, ...
            error = np.dot(self.weights[1 - k].T, error) * sigmoid_prime(zs[-k])
            db[-k] = error
            dw[-k] = np.dot(error, acts[-k - 1].T)
        return db, dw

    def evaluate(self, test):
        return sum(int(np.argmax(self.feedforward(x)) == y) for x, y in test)

    def cost_derivative(self, output, y):
        return output - y


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


if __name__ == "__main__":
    net = Network([2, 3, 1])
    xor = [(np.array([[p], [q]]), np.array([[p ^ q]])) for p in (0, 1) for q in (0, 1)]
    net.SGD(xor, 5000, 4, 3.0)
