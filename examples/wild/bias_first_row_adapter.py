"""backproof check bias_first_row.py --adapter bias_first_row_adapter.py --weights in_out --biases first-row"""

import submission


def feedforward(weights, biases, x):
    return submission.forward(weights, x)


def backprop(weights, biases, x, y):
    return submission.cost_gradient(weights, x, y)
