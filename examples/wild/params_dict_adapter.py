"""backproof check params_dict.py --adapter params_dict_adapter.py --examples columns --biases column"""

import submission


def backprop(weights, biases, x, y):
    params = {f"W{l}": w for l, w in enumerate(weights, 1)} | {f"b{l}": b for l, b in enumerate(biases, 1)}
    AL, caches = submission.forward_propagation(x, params)
    grads = submission.backward_propagation(AL, y, caches, params)
    return [grads[f"dW{l}"] for l in range(1, len(weights) + 1)], [grads[f"db{l}"] for l in range(1, len(weights) + 1)]
