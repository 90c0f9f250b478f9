import numpy as np


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


def sigmoid_prime(v):
    return sigmoid(v) * (1 - sigmoid(v))


def feedforward(W, B, data):
    outs = [data]
    for Wi, Bi in zip(W, B):
        outs.append(sigmoid(outs[-1] @ Wi.T + Bi))
    return outs


def backprop(W, B, data, target):
    outs = feedforward(W, B, data)
    err = (outs[-1] - target) * outs[-1] * (1 - outs[-1])
    dW, dB = [], []
    for k in range(len(W) - 1, -1, -1):
        # first the averages and then np.outer, this is faster
        e = err.mean(axis=0)
        o = outs[k].mean(axis=0)
        dW.insert(0, np.outer(e, o))
        dB.insert(0, e)
        err = err @ W[k] * outs[k] * (1 - outs[k])
    return dW, dB


def update_mini_batch(W, B, data, target, rate):
    dW, dB = backprop(W, B, data, target)
    W = [Wi - rate * d for Wi, d in zip(W, dW)]
    B = [Bi - rate * d for Bi, d in zip(B, dB)]
    return W, B
