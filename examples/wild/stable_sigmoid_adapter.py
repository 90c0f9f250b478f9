"""backproof check stable_sigmoid.py --adapter stable_sigmoid_adapter.py --weights in_out"""

import submission

sigmoid = submission.expit


def backprop(weights, biases, x, y):
    model = submission.Model(weights, biases)
    model.forward(x)
    dws, dbs = model.backward(y)
    return dws[::-1], dbs[::-1]
