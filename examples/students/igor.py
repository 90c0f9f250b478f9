import numpy as np

sum_w = None
sum_b = None


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def feedforward(weights, biases, x):
    activations = [x]
    for w, b in zip(weights, biases):
        activations.append(sigmoid(activations[-1] @ w.T + b))
    return activations


def reset(weights, biases):
    global sum_w, sum_b
    sum_w = [np.zeros(w.shape) for w in weights]
    sum_b = [np.zeros(b.shape) for b in biases]


def backprop(weights, biases, x, y):
    # make the sums once, at the beginning (or if it is another network)
    if sum_w is None or [w.shape for w in sum_w] != [w.shape for w in weights]:
        reset(weights, biases)
    a = feedforward(weights, biases, x)
    deltas = [(a[-1] - y) * a[-1] * (1 - a[-1])]
    for l in range(len(weights) - 1, 0, -1):
        deltas.insert(0, deltas[0] @ weights[l] * a[l] * (1 - a[l]))
    for l in range(len(weights)):
        sum_w[l] += deltas[l].T @ a[l] / len(x)
        sum_b[l] += deltas[l].sum(axis=0) / len(x)
    return sum_w, sum_b, deltas


def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b, _ = backprop(weights, biases, x, y)
    return [w - eta * g for w, g in zip(weights, nabla_w)], [b - eta * g for b, g in zip(biases, nabla_b)]
