# Elena V., group 3
# I did everything with for loops because I don't trust matrices. One example at a time.
import math

import numpy as np


def sig(number):
    return 1 / (1 + math.exp(-number))


def sigmoid(z):
    return np.vectorize(sig)(z)


def sigmoid_prime(z):
    return np.vectorize(lambda t: sig(t) * (1 - sig(t)))(z)


def feedforward(weights, biases, x):
    activations = [x]
    for l in range(len(weights)):
        a = np.zeros(len(biases[l]))
        for j in range(len(biases[l])):
            z = biases[l][j]
            for k in range(len(activations[l])):
                z += weights[l][j][k] * activations[l][k]
            a[j] = sig(z)
        activations.append(a)
    return activations


def backprop(weights, biases, x, y):
    a = feedforward(weights, biases, x)
    L = len(weights)
    nabla_w = [np.zeros(w.shape) for w in weights]
    nabla_b = [np.zeros(b.shape) for b in biases]
    deltas = [np.zeros(b.shape) for b in biases]
    for l in range(L - 1, -1, -1):
        for j in range(len(deltas[l])):
            if l == L - 1:
                error = a[L][j] - y[j]
            else:
                error = 0
                for i in range(len(deltas[l + 1])):
                    error += weights[l + 1][i][j] * deltas[l + 1][i]
            deltas[l][j] = error * a[l + 1][j] * (1 - a[l + 1][j])
            nabla_b[l][j] = deltas[l][j]
            for k in range(len(a[l])):
                nabla_w[l][j][k] = a[l][k] * deltas[l][j]
    return nabla_w, nabla_b, deltas


def update_mini_batch(weights, biases, xs, ys, eta):
    new_w = [w.copy() for w in weights]
    new_b = [b.copy() for b in biases]
    for x, y in zip(xs, ys):
        nw, nb, d = backprop(weights, biases, x, y)
        for l in range(len(weights)):
            new_w[l] -= eta * nw[l]
            new_b[l] -= eta * nb[l]
    return new_w, new_b
