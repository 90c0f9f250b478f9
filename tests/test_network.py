"""The parameters are one vector seen as layers, and forward is the slides' sum over neurons; checks reject faults."""

from __future__ import annotations

from itertools import pairwise
from math import exp, sqrt

import numpy as np
import pytest
from planted import faults

from scratch import network
from scratch.network import Parameters

catches, test_a_planted_fault_is_caught = faults("scratch.network")
right_of, right_random, right_feedforward = Parameters.of, Parameters.random, network.feedforward
DEPTHS = pytest.mark.parametrize("sizes", [(3, 2), (4, 3, 2), (2, 5, 1, 3), (1, 1, 1, 1, 1)], ids=str)


def numbered(sizes):
    """The network whose parameters are 0, 1, 2, … in the order of its vector."""
    return Parameters(sizes, np.arange(float(network.parameter_count(sizes))))


def copied(parameters):
    """The same parameters as arrays that are views of nothing."""
    return [w.copy() for w in parameters.weights], [b.copy() for b in parameters.biases]


class Unshared(Parameters):
    """Parameters whose weights and biases are copies."""

    def __init__(self, sizes, vector):
        super().__init__(sizes, vector)
        self.weights, self.biases = copied(self)


@catches("copies", "Parameters", Unshared)
def test_weights_and_biases_are_views_of_the_vector():
    parameters = network.Parameters((3, 2, 1), np.zeros(11))
    for array in (*parameters.layers, *parameters.weights, *parameters.biases, *parameters.weights_T):
        assert np.shares_memory(array, parameters.vector)
    parameters.weights[0][:] = 1
    parameters.biases[1][:] = 2
    assert parameters.vector.tolist() == [1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 2]
    parameters.vector -= 1  # w → w − η∇C, of all at once
    assert (parameters.weights[0] == 0).all()
    assert (parameters.biases[0] == -1).all()


@catches("rows taken for columns", "layer_shapes", lambda sizes: [(i + 1, o) for i, o in pairwise(sizes)])
@catches("the layers in reverse", "layer_shapes", lambda sizes: [(o, i + 1) for i, o in pairwise(sizes)][::-1])
def test_a_layer_is_its_neurons_one_a_row_with_the_bias_as_the_last_weight():
    parameters = numbered((2, 3, 1))
    assert parameters.weights[0].tolist() == [[0, 1], [3, 4], [6, 7]]
    assert parameters.biases[0].tolist() == [2, 5, 8]
    assert parameters.weights[1].tolist() == [[9, 10, 11]]
    assert parameters.biases[1].tolist() == [12]
    assert [w.tolist() for w in parameters.weights_T] == [w.T.tolist() for w in parameters.weights]


@catches("no biases", "parameter_count", lambda sizes: sum(i * o for i, o in pairwise(sizes)))
def test_784_30_10_has_23860_parameters():
    assert network.parameter_count((784, 30, 10)) == 784 * 30 + 30 + 30 * 10 + 10 == 23_860
    assert sum(rows * columns for rows, columns in network.layer_shapes((784, 30, 10))) == 23_860


@catches(
    "the first network for all",
    "Parameters.__init__",
    lambda p, sizes, v, init=Parameters.__init__: init(p, sizes, v if v.ndim == 1 else 0 * v + v[0]),
)
def test_k_networks_in_one_array_are_k_networks():
    sizes, vectors = (3, 2, 2), np.random.default_rng(0).normal(size=(4, 14))
    stacked = network.Parameters(sizes, vectors)
    for k, vector in enumerate(vectors):
        one = Parameters(sizes, vector.copy())
        for name in ("layers", "weights", "biases", "weights_T"):
            assert [many[k].tolist() for many in getattr(stacked, name)] == [w.tolist() for w in getattr(one, name)]


@catches("biases left out", "Parameters.of", lambda w, b: right_of(w, [0 * b_l for b_l in b]), sizes=(4, 3, 2))
@catches("neurons in reverse", "Parameters.of", lambda w, b: right_of([w_l[::-1] for w_l in w], b), sizes=(4, 3, 2))
@DEPTHS
def test_parameters_of_weights_and_biases_give_them_back(sizes):
    weights, biases = copied(numbered(sizes))
    found = network.Parameters.of(weights, biases)
    assert found.sizes == sizes
    assert found.vector.tolist() == numbered(sizes).vector.tolist()
    assert [w.tolist() for w in found.weights] == [w.tolist() for w in weights]
    assert [b.tolist() for b in found.biases] == [b.tolist() for b in biases]


@catches("no copy", "Parameters.copy", lambda p: p)
def test_a_copy_shares_no_memory():
    parameters = numbered((3, 2))
    weights, biases = copied(parameters)
    for other in (parameters.copy(), network.Parameters.of(weights, biases)):
        assert other.vector.tolist() == parameters.vector.tolist()
        assert not any(np.shares_memory(other.vector, array) for array in (parameters.vector, *weights, *biases))


@catches("always float64", "Parameters.of", lambda w, b: right_of([w_l.astype(float) for w_l in w], b))
def test_parameters_keep_the_dtype_of_their_arrays():
    for dtype in (np.float32, np.float64):
        weights, biases = copied(right_random((3, 2, 1), np.random.default_rng(0), dtype))
        assert network.Parameters.of(weights, biases).vector.dtype == dtype


@catches("no look at the shapes", "Parameters.of", lambda w, b: None)
def test_layers_that_do_not_follow_one_on_another_are_refused():
    weights, biases = copied(numbered((4, 3, 2)))
    with pytest.raises(ValueError, match=r"layers of shapes \[\(3, 4\), \(3, 2\)\] do not follow"):
        network.Parameters.of([weights[0], weights[1].T], [biases[0], biases[0]])
    with pytest.raises(ValueError, match="must match exactly"):
        network.Parameters.of(weights, biases[::-1])
    with pytest.raises(ValueError, match="shorter"):
        network.Parameters.of(weights, biases[:1])


@catches("uniform", "Parameters.random", lambda sizes, rng: Parameters(sizes, rng.uniform(-sqrt(3), sqrt(3), 23_860)))
@catches(
    "scaled by the fan-in",
    "Parameters.random",
    lambda sizes, rng: Parameters(sizes, right_random(sizes, rng).vector / 28),
)
@catches("mean 0.05", "Parameters.random", lambda sizes, rng: Parameters(sizes, right_random(sizes, rng).vector + 0.05))
def test_random_parameters_are_drawn_from_n_0_1():
    """Within four standard errors: the mean, the variance, and the shares below −1, 0, 1 and 2."""
    w = network.Parameters.random((784, 30, 10), np.random.default_rng(0)).vector
    n = len(w)
    assert abs(w.mean()) < 4 / sqrt(n)
    assert abs(w.var() - 1) < 4 * sqrt(2 / n)
    for z, share in ((-1, 0.158655), (0, 0.5), (1, 0.841345), (2, 0.977250)):
        assert abs((w < z).mean() - share) < 4 * sqrt(share * (1 - share) / n)


@catches(
    "a seed of its own",
    "Parameters.random",
    lambda sizes, rng, *dtype: right_random(sizes, np.random.default_rng(), *dtype),
)
@catches(
    "one seed for all",
    "Parameters.random",
    lambda sizes, rng, *dtype: right_random(sizes, np.random.default_rng(0), *dtype),
)
def test_the_same_seed_gives_the_same_parameters_and_another_seed_others():
    first, again, other = (
        network.Parameters.random((5, 4, 3), np.random.default_rng(seed)).vector for seed in (1, 1, 2)
    )
    assert first.tolist() == again.tolist()
    assert not np.isin(first, other).any()
    narrow = network.Parameters.random((5, 4, 3), np.random.default_rng(1), np.float32).vector
    assert narrow.tolist() == first.astype(np.float32).tolist()


@catches("the constant first", "with_constant_input", lambda x: np.column_stack([np.ones(len(x), x.dtype), x]))
@catches("no copy of x", "with_constant_input", lambda x: x)
def test_the_constant_input_is_one_more_column_of_ones_and_x_is_copied():
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    found = network.with_constant_input(x)
    assert found.tolist() == [[0, 1, 2, 1], [3, 4, 5, 1]]
    assert found.dtype == x.dtype
    assert not np.shares_memory(found, x)


def neuron_by_neuron(parameters, x):
    """The slides' equation in plain numbers: a_j = σ(Σ_k w_jk a_k + b_j), for one example."""
    layers = [list(map(float, x))]
    for w, b in zip(parameters.weights, parameters.biases, strict=True):
        layers.append([])
        for j in range(len(w)):
            z_j = sum(w[j, k] * a_k for k, a_k in enumerate(layers[-2])) + b[j]
            layers[-1].append(1 / (1 + exp(-z_j)))
    return layers


@catches(
    "biases left out",
    "feedforward",
    lambda p, x: right_feedforward(Parameters.of(p.weights, [0 * b for b in p.biases]), x),
    sizes=(4, 3, 2),
)
@catches("the last layer linear", "sigmoid", lambda z: z, sizes=(3, 2))
@catches("one sigmoid too many", "sigmoid", lambda z: 1 / (1 + np.exp(-1 / (1 + np.exp(-z)))), sizes=(4, 3, 2))
@catches(
    "examples mixed", "feedforward", lambda p, x: [a[::-1] for a in right_feedforward(p, x)], sizes=(1, 1, 1, 1, 1)
)
@DEPTHS
def test_each_neurons_activation_is_sigma_of_its_weighted_sum_and_bias(sizes):
    rng = np.random.default_rng(0)
    parameters, x = right_random(sizes, rng), rng.normal(size=(5, sizes[0]))
    found = network.feedforward(parameters, x)
    assert [a.shape for a in found] == [(5, n) for n in sizes]
    for i, x_i in enumerate(x):
        for a, expected in zip(found, neuron_by_neuron(parameters, x_i), strict=True):
            np.testing.assert_allclose(a[i], expected, rtol=1e-13)


@catches("float64 inside", "sigmoid", lambda z: 1 / (1 + np.exp(-z.astype(float))))
def test_float32_in_gives_float32_out():
    parameters = right_random((3, 4, 2), np.random.default_rng(0), np.float32)
    assert [a.dtype for a in network.feedforward(parameters, np.ones((2, 3), np.float32))] == [np.float32] * 3


@catches("a mean over the batch", "feedforward", lambda p, x: right_feedforward(p, x - x.mean(axis=0)), m=2)
@pytest.mark.parametrize("m", [1, 2, 7])
def test_what_an_example_gives_does_not_hang_on_the_others_beside_it(m):
    rng = np.random.default_rng(0)
    parameters, x = right_random((3, 4, 2), rng), rng.normal(size=(m, 3))
    alone = np.concatenate([network.feedforward(parameters, x_i[None])[-1] for x_i in x])
    np.testing.assert_allclose(network.feedforward(parameters, x)[-1], alone, rtol=1e-13)


@catches("over examples", "classify", lambda output: output.argmax(axis=0))
@catches("the least active", "classify", lambda output: output.argmin(axis=-1))
def test_the_digit_is_the_most_active_output_neuron():
    assert network.classify(np.array([[0.1, 0.9, 0.2], [0.3, 0.2, 0.1], [0, 0.1, 0.2]])).tolist() == [1, 0, 2]
