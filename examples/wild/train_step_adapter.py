"""backproof check train_step.py --adapter train_step_adapter.py"""

import submission


def update_mini_batch(weights, biases, x, y, eta):
    net = submission.NeuralNetwork([1, 1], lr=eta)
    net.weights, net.biases = list(weights), list(biases)
    net.train(x, y)
    return net.weights, net.biases
