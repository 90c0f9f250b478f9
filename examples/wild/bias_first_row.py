"""Matrices for whole batches, with a column of ones put before the data and before every hidden layer."""

import numpy as np


def g(z):
    return 1.0 / (1.0 + np.exp(-z))


def add_bias(X):
    return np.c_[np.ones(X.shape[0]), X]


def forward(Thetas, X):
    A = [X]
    for Theta in Thetas:
        A.append(g(add_bias(A[-1]).dot(Theta)))
    return A


def cost_gradient(Thetas, X, y):
    m = X.shape[0]
    A = forward(Thetas, X)
    Thetas_grad = [None] * len(Thetas)
    d = (A[-1] - y) * A[-1] * (1 - A[-1])
    for i in range(len(Thetas) - 1, -1, -1):
        Thetas_grad[i] = add_bias(A[i]).T.dot(d) / m
        d = d.dot(Thetas[i][1:].T) * A[i] * (1 - A[i])
    return Thetas_grad


if __name__ == "__main__":
    rng = np.random.RandomState(1)
    X = rng.rand(200, 2)
    y = (X[:, :1] > X[:, 1:]).astype(float)
    Thetas = [rng.randn(3, 5), rng.randn(6, 1)]
    for _ in range(3000):
        Thetas = [T - 2.0 * dT for T, dT in zip(Thetas, cost_gradient(Thetas, X, y), strict=True)]
    print("accuracy", ((forward(Thetas, X)[-1] > 0.5) == y).mean())
