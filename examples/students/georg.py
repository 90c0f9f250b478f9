import numpy as np

# weights[l] has one column more than there are neurons below: the last one is the bias.
# (I saw this in the machine learning course last semester, then there is only ONE update.)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def add_ones(a):
    return np.hstack([a, np.ones((a.shape[0], 1))])


def feedforward(weights, biases, x):
    out = [x]
    for theta in weights:
        out.append(sigmoid(add_ones(out[-1]) @ theta.T))
    return out


def backprop(weights, biases, x, y):
    m = len(x)
    out = feedforward(weights, None, x)
    delta = (out[-1] - y) * out[-1] * (1 - out[-1])
    grads = [delta.T @ add_ones(out[-2]) / m]
    for l in range(len(weights) - 1, 0, -1):
        delta = (delta @ weights[l][:, :-1]) * out[l] * (1 - out[l])  # the bias has no neuron below it
        grads.insert(0, delta.T @ add_ones(out[l - 1]) / m)
    return grads, []


def update_mini_batch(weights, biases, x, y, eta):
    grads, _ = backprop(weights, biases, x, y)
    return [theta - eta * g for theta, g in zip(weights, grads)], []
