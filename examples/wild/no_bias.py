"""Eleven lines and no biases: the error is y minus the output, and what comes of it is added to the weights."""

import numpy as np


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


def step(syn0, syn1, X, y, alpha=1.0):
    l0 = X
    l1 = nonlin(np.dot(l0, syn0))
    l2 = nonlin(np.dot(l1, syn1))

    l2_error = y - l2
    l2_delta = l2_error * nonlin(l2, deriv=True)
    l1_error = l2_delta.dot(syn1.T)
    l1_delta = l1_error * nonlin(l1, deriv=True)

    syn1_new = syn1 + alpha * l1.T.dot(l2_delta)
    syn0_new = syn0 + alpha * l0.T.dot(l1_delta)
    return syn0_new, syn1_new


if __name__ == "__main__":
    np.random.seed(1)
    X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    y = np.array([[0, 1, 1, 0]]).T
    syn0, syn1 = 2 * np.random.random((3, 4)) - 1, 2 * np.random.random((4, 1)) - 1
    for _ in range(10000):
        syn0, syn1 = step(syn0, syn1, X, y)
    print(nonlin(nonlin(X @ syn0) @ syn1))
