"""The harness: two implementations, one bound on what rounding can do, one verdict.

Letters: K steps in a block, m examples in a mini-batch, n_l neurons in layer l, L layers of weights. Examples are
rows. torch is ``expected``, the implementation under test is ``actual``, everywhere.
"""
