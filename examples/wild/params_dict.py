"""params["W1"], grads["dW1"], examples as columns, a cache of tuples: the style of the big online course."""

import numpy as np


def sigmoid(Z):
    A = 1 / (1 + np.exp(-Z))
    return A, Z


def forward_propagation(X, params):
    caches, A = [], X
    L = len(params) // 2
    for l in range(1, L + 1):
        A_prev = A
        A, Z = sigmoid(np.dot(params["W" + str(l)], A_prev) + params["b" + str(l)])
        caches.append((A_prev, A, Z))
    return A, caches


def backward_propagation(AL, Y, caches, params):
    grads = {}
    L = len(caches)
    m = Y.shape[1]
    dA = AL - Y
    for l in range(L, 0, -1):
        A_prev, A, _ = caches[l - 1]
        dZ = dA * A * (1 - A)
        grads["dW" + str(l)] = 1 / m * np.dot(dZ, A_prev.T)
        grads["db" + str(l)] = 1 / m * np.sum(dZ, axis=1, keepdims=True)
        dA = np.dot(params["W" + str(l)].T, dZ)
    return grads


def update_parameters(params, grads, learning_rate):
    return {key: value - learning_rate * grads["d" + key] for key, value in params.items()}


def model(X, Y, layer_dims, num_iterations=2000, learning_rate=0.5):
    params = {}
    for l in range(1, len(layer_dims)):
        params["W" + str(l)] = np.random.randn(layer_dims[l], layer_dims[l - 1]) / np.sqrt(layer_dims[l - 1])
        params["b" + str(l)] = np.zeros((layer_dims[l], 1))
    for _ in range(num_iterations):
        AL, caches = forward_propagation(X, params)
        params = update_parameters(params, backward_propagation(AL, Y, caches, params), learning_rate)
    return params
