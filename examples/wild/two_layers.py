"""One hidden layer, W1 b1 W2 b2 as attributes, biases np.zeros((1, n)); the loss printed is not the one it descends."""

import numpy as np


class Net:
    def __init__(self, n_in, n_hidden, n_out):
        self.W1 = np.random.randn(n_in, n_hidden) * 0.1
        self.b1 = np.zeros((1, n_hidden))
        self.W2 = np.random.randn(n_hidden, n_out) * 0.1
        self.b2 = np.zeros((1, n_out))

    def forward(self, x):
        self.x = x
        self.a1 = self._sigmoid(x.dot(self.W1) + self.b1)
        self.a2 = self._sigmoid(self.a1.dot(self.W2) + self.b2)
        return self.a2

    def backward(self, y):
        delta2 = (self.a2 - y) * self.a2 * (1 - self.a2)
        self.dW2 = self.a1.T.dot(delta2)
        self.db2 = np.sum(delta2, axis=0, keepdims=True)
        delta1 = delta2.dot(self.W2.T) * self.a1 * (1 - self.a1)
        self.dW1 = self.x.T.dot(delta1)
        self.db1 = np.sum(delta1, axis=0, keepdims=True)

    def update(self, lr):
        for name in ("W1", "b1", "W2", "b2"):
            setattr(self, name, getattr(self, name) - lr * getattr(self, "d" + name))

    @staticmethod
    def _sigmoid(z):
        return 1 / (1 + np.exp(-z))


def mse(y, y_hat):
    return np.mean((y - y_hat) ** 2)


if __name__ == "__main__":
    X = np.random.rand(100, 3)
    Y = np.stack([X.mean(axis=1), X.max(axis=1)], axis=1)
    net = Net(3, 8, 2)
    for epoch in range(2000):
        y_hat = net.forward(X)
        net.backward(Y)
        net.update(0.05)
        if epoch % 500 == 0:
            print(f"epoch {epoch}: MSE {mse(Y, y_hat):.4f}")
