"""backproof check no_bias.py --adapter no_bias_adapter.py --weights in_out --biases none --reduction sum"""

import submission


def update_mini_batch(weights, biases, x, y, eta):
    return list(submission.step(*weights, x, y, alpha=eta))
