"""backproof check bias_last_column.py --adapter bias_last_column_adapter.py --biases last-column --batch one"""

import submission


def backprop(weights, biases, x, y):
    mlp = submission.MLP()
    mlp.theta = weights
    return mlp.gradients(x, y)


def feedforward(weights, biases, x):
    mlp = submission.MLP()
    mlp.theta = weights
    return mlp.forward(x)
