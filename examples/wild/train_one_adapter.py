"""backproof check train_one.py --adapter train_one_adapter.py --biases none --batch one"""

import submission


def update_mini_batch(weights, biases, x, y, eta):
    net = submission.neuralNetwork(1, 1, 1, eta)
    net.wih, net.who = weights
    net.train(x, y)
    return [net.wih, net.who]
