"""What the lectures derive, written by hand in NumPy: one equation a line, each with its number.

Letters: m examples in a mini-batch, n in the training set, K steps, L layers of weights, n_l neurons in layer l, n_0
inputs (``inputs``: those and the constant 1), P parameters. In backpropagation an example is a column, as on the slides
(z = w a + b), so that every line can be held against its equation; at the border (``x``, ``y``, and what is returned),
and where there is no such equation, an example is a row.
"""
