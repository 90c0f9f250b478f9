import numpy as np

# float32 because that's what people use for neural networks (faster, half of the memory)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def to32(arrays):
    return [np.asarray(a, dtype=np.float32) for a in arrays]


def feedforward(weights, biases, x):
    weights, biases = to32(weights), to32(biases)
    a = x.astype(np.float32)
    activations = [a]
    for w, b in zip(weights, biases):
        a = sigmoid(a @ w.T + b)
        activations.append(a)
    return activations


def backprop(weights, biases, x, y):
    weights, biases = to32(weights), to32(biases)
    x, y = to32([x, y])
    a = feedforward(weights, biases, x)
    batch = np.float32(len(x))
    delta = (a[-1] - y) * a[-1] * (1 - a[-1])
    nabla_w, nabla_b, deltas = [], [], []
    for i in range(len(weights))[::-1]:
        nabla_w = [delta.T @ a[i] / batch] + nabla_w
        nabla_b = [delta.sum(0) / batch] + nabla_b
        deltas = [delta] + deltas
        delta = delta @ weights[i] * a[i] * (1 - a[i])
    return nabla_w, nabla_b, deltas


def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b, _ = backprop(weights, biases, x, y)
    return [w - eta * g for w, g in zip(weights, nabla_w)], [b - eta * g for b, g in zip(biases, nabla_b)]
