import numpy as np

# nobody uses sigmoid for hidden layers any more -> ReLU (He et al.)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def relu(z):
    return np.maximum(z, 0)


def relu_prime(z):
    return (z > 0).astype(float)


def forward(weights, biases, x):
    zs, activations = [], [x]
    for w, b in zip(weights[:-1], biases[:-1]):
        zs.append(activations[-1] @ w.T + b)
        activations.append(relu(zs[-1]))
    zs.append(activations[-1] @ weights[-1].T + biases[-1])
    activations.append(sigmoid(zs[-1]))
    return zs, activations


def feedforward(weights, biases, x):
    return forward(weights, biases, x)[1]


def backprop(weights, biases, x, y):
    zs, activations = forward(weights, biases, x)
    deltas = [(activations[-1] - y) * sigmoid_prime(zs[-1])]
    for w, z in zip(weights[:0:-1], zs[-2::-1]):
        deltas.insert(0, deltas[0] @ w * relu_prime(z))
    nabla_w = [d.T @ a / len(x) for d, a in zip(deltas, activations)]
    nabla_b = [d.mean(axis=0) for d in deltas]
    return nabla_w, nabla_b, deltas


def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b, _ = backprop(weights, biases, x, y)
    return [w - eta * g for w, g in zip(weights, nabla_w)], [b - eta * g for b, g in zip(biases, nabla_b)]
