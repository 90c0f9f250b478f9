"""backproof check two_layers.py --adapter two_layers_adapter.py --weights in_out --biases row --reduction sum"""

import submission


def backprop(weights, biases, x, y):
    net = submission.Net(1, 1, 1)
    (net.W1, net.W2), (net.b1, net.b2) = weights, biases
    net.forward(x)
    net.backward(y)
    return [net.dW1, net.dW2], [net.db1, net.db2]
