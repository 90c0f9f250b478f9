"""backproof check layer_objects.py --adapter layer_objects_adapter.py --examples columns --biases column --cost full"""

import submission


def update_mini_batch(weights, biases, x, y, eta):
    layers = [submission.Dense(w, b) for w, b in zip(weights, biases, strict=True)]
    submission.train_on_batch(layers, x, y, eta)
    return [layer.w for layer in layers], [layer.b for layer in layers]
