"""Sleeps for an hour. It costs no processor time. Loading it is broken off in time, and its functions are right."""

import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))

def feedforward(weights, biases, x):
    activations = [x]
    for w, b in zip(weights, biases):
        activations.append(sigmoid(activations[-1] @ w.T + b))
    return activations

def backprop(weights, biases, x, y, factor=1, over=None):
    a = feedforward(weights, biases, x)
    deltas = [factor * (a[-1] - y) * a[-1] * (1 - a[-1])]
    for w, a_l in zip(weights[:0:-1], a[-2:0:-1]):
        deltas.insert(0, deltas[0] @ w * a_l * (1 - a_l))
    nabla_w = [d.T @ a_l / (over or len(x)) for d, a_l in zip(deltas, a)]
    return nabla_w, [d.sum(axis=0) / (over or len(x)) for d in deltas], deltas

def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b, _ = backprop(weights, biases, x, y)
    return ([w - eta * nw for w, nw in zip(weights, nabla_w)], [b - eta * nb for b, nb in zip(biases, nabla_b)])


import time
time.sleep(3600)
