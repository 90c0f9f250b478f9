import numpy as np

np.set_printoptions(precision=4, suppress=True)
DEBUG = True
print("numpy version:", np.__version__)
print("=" * 60)


def sigmoid(z):
    print("sigmoid", z.shape, "min", z.min(), "max", z.max())
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    print("sigmoid_prime", z.shape)
    return sigmoid(z) * (1 - sigmoid(z))


def feedforward(weights, biases, x):
    print("----- forward -----")
    activations = [x]
    a = x
    for l, (w, b) in enumerate(zip(weights, biases)):
        a = sigmoid(a @ w.T + b)
        print("layer", l + 1, "a =", a)
        activations.append(a)
    return activations


def backprop(weights, biases, x, y):
    print("----- backward -----")
    activations = feedforward(weights, biases, x)
    cost = np.sum((y - activations[-1]) ** 2) / (2 * len(x))
    print("cost:", cost)
    nabla_w = [None] * len(weights)
    nabla_b = [None] * len(weights)
    delta = (activations[-1] - y) * activations[-1] * (1 - activations[-1])
    for l in range(len(weights) - 1, -1, -1):
        if DEBUG:
            print("delta of layer", l + 1, delta)
        nabla_w[l] = delta.T @ activations[l] / len(x)
        nabla_b[l] = np.mean(delta, axis=0)
        assert nabla_w[l].shape == weights[l].shape
        if l > 0:
            delta = (delta @ weights[l]) * activations[l] * (1 - activations[l])
    print("backprop done!!!")
    return nabla_w, nabla_b


def update_mini_batch(weights, biases, x, y, eta):
    print("before:", [w.sum() for w in weights])
    nabla_w, nabla_b = backprop(weights, biases, x, y)
    for l in range(len(weights)):
        weights[l] -= eta * nabla_w[l]
        biases[l] -= eta * nabla_b[l]
    print("after: ", [w.sum() for w in weights])
    return weights, biases
