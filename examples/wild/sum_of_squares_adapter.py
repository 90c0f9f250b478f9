"""backproof check sum_of_squares.py --adapter sum_of_squares_adapter.py --weights in_out --cost full --reduction sum"""

import submission


def backprop(weights, biases, x, y):
    net = submission.TwoLayerNet(1, 1, 1)
    (net.w1, net.w2), (net.b1, net.b2) = weights, biases
    _, w1, b1, w2, b2 = net.loss_and_grads(x, y)
    return [w1, w2], [b1, b2]
