import numpy as np

## HELPERS


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_prime(x):
    return sigmoid(x) * (1 - sigmoid(x))


## FORWARD


def feedforward(weights, biases, x):
    inputs, outputs = [], [x]
    for w, b in zip(weights, biases):
        inputs.append(outputs[-1].dot(w.T) + b)
        outputs.append(sigmoid(inputs[-1]))
    feedforward.inputs = inputs  # for backprop
    return outputs


## BACKWARD


def backprop(weights, biases, x, y):
    outputs = feedforward(weights, biases, x)
    inputs = feedforward.inputs
    error = y - outputs[-1]
    deltas = [error * sigmoid_prime(inputs[-1])]
    for l in range(len(weights) - 2, -1, -1):
        deltas = [deltas[0].dot(weights[l + 1]) * sigmoid_prime(inputs[l])] + deltas
    nabla_w = [d.T.dot(o) / len(x) for d, o in zip(deltas, outputs)]
    nabla_b = [d.mean(axis=0) for d in deltas]
    return nabla_w, nabla_b, deltas


## LEARNING


def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b, deltas = backprop(weights, biases, x, y)
    weights = [w - eta * nw for w, nw in zip(weights, nabla_w)]
    biases = [b - eta * nb for b, nb in zip(biases, nabla_b)]
    return weights, biases
