import numpy as np

# In the lecture every example is a COLUMN, so I do it like this:  X is (n0, m),  b is (n, 1)
# error = what we want - what we get, and the step is then ADDED


def sigmoid(Z):
    A = 1 / (1 + np.exp(-Z))
    return A


def sigmoid_prime(Z):
    return np.exp(-Z) / (1 + np.exp(-Z)) ** 2


def feedforward(W, B, X):
    A = [X]
    for i in range(len(W)):
        Z = np.dot(W[i], A[i]) + B[i]
        A.append(sigmoid(Z))
    return A


def backprop(W, B, X, Y):
    m = X.shape[1]
    A = feedforward(W, B, X)
    dW = [0] * len(W)
    dB = [0] * len(W)
    D = [0] * len(W)
    E = Y - A[-1]
    for i in reversed(range(len(W))):
        D[i] = E * A[i + 1] * (1 - A[i + 1])
        dW[i] = np.dot(D[i], A[i].T) / m
        dB[i] = np.sum(D[i], axis=1, keepdims=True) / m
        E = np.dot(W[i].T, D[i])
    return dW, dB, D


def update_mini_batch(W, B, X, Y, eta):
    dW, dB, D = backprop(W, B, X, Y)
    W2 = []
    B2 = []
    for i in range(len(W)):
        W2.append(W[i] + eta * dW[i])
        B2.append(B[i] + eta * dB[i])
    return W2, B2
