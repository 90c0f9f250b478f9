import numpy as np


def sigmoid(z):
    return 1/(1+np.exp(-z))


def sigmoid_prime(z):
    s = sigmoid(z)
	return s*(1-s)


def feedforward(weights, biases, x):
    a = [x]
    for w, b in zip(weights, biases):
        a.append(sigmoid(a[-1] @ w.T + b))
    return a
