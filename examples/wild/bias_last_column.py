"""The bias is one more weight, of an input that is always 1. One example at a time."""

import itertools

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def with_one(v):
    return np.append(v, 1.0)


class MLP:
    def __init__(self, *sizes):
        self.theta = [np.random.uniform(-1, 1, (m, n + 1)) for n, m in itertools.pairwise(sizes)]

    def forward(self, x):
        self.a = [x]
        for theta in self.theta:
            self.a.append(sigmoid(theta @ with_one(self.a[-1])))
        return self.a[-1]

    def gradients(self, x, y):
        out = self.forward(x)
        grads = []
        delta = (out - y) * out * (1 - out)
        for theta, a in zip(self.theta[::-1], self.a[-2::-1], strict=True):
            grads.append(np.outer(delta, with_one(a)))
            delta = (theta[:, :-1].T @ delta) * a * (1 - a)
        return grads[::-1]

    def learn(self, x, y, lr):
        for layer, g in enumerate(self.gradients(x, y)):
            self.theta[layer] -= lr * g


if __name__ == "__main__":
    mlp = MLP(2, 3, 1)
    for _ in range(20000):
        a, b = np.random.randint(0, 2, 2)
        mlp.learn(np.array([a, b]), np.array([a ^ b]), 1.0)
    print([mlp.forward(np.array(v)).round(2) for v in ((0, 0), (0, 1), (1, 0), (1, 1))])
