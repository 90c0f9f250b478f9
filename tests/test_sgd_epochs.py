"""An epoch is one pass over the training data, never over what validates, and it teaches; checks reject faults."""

from __future__ import annotations

import numpy as np
import pytest
from planted import faults

from scratch import sgd
from scratch.backprop import Backprop, backprop
from scratch.cost import HALF
from scratch.network import Parameters

catches, test_a_planted_fault_is_caught = faults("scratch.sgd")
right, accuracy, EPOCH, gradient = sgd.sgd, sgd.accuracy, sgd.Epoch, Backprop.gradient
START = Parameters.random((2, 5, 3), np.random.default_rng(0))


def clouds(n, seed):
    """n points of three clouds in the plane that are far from one another, and which cloud each is of."""
    cloud, noise = np.arange(n) % 3, np.random.default_rng(seed).uniform(-0.5, 0.5, (n, 2))
    return np.array([[2.0, 0.0], [-1.0, 2.0], [-1.0, -2.0]])[cloud] + noise, np.eye(3)[cloud]


def train(n=10, m=4, epochs=2, eta=3.0, seed=0, validation=None):
    """The epochs of a run on n examples."""
    validation = validation or clouds(9, seed=2)
    rng = np.random.default_rng(seed)
    return list(sgd.sgd(START, clouds(n, 1), validation, cost=HALF, eta=eta, m=m, epochs=epochs, rng=rng))


def batches_of(**run):
    """The mini-batches, x beside y, whose gradients such a run takes."""
    batches = []

    def spy(arrays, x, y, scale):
        batches.append(np.column_stack([x[:, :-1], y.T]))
        return gradient(arrays, x, y, scale)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Backprop, "gradient", spy)
        train(**run)
    return batches


class Replacing(np.random.Generator):
    """Draws the order of an epoch with replacement."""

    def permutation(self, n):
        return self.integers(n, size=n)


class Unshuffled(np.random.Generator):
    """Draws no order."""

    def permutation(self, n):
        return np.arange(n)


def drawing(kind):
    """sgd with a generator of another kind."""
    return lambda *a, rng, **rest: right(*a, rng=kind(rng.bit_generator), **rest)


def on_validation(parameters, training, validation, **rest):
    """sgd that trains on the validation data too."""
    both = tuple(np.concatenate(parts) for parts in zip(training, validation, strict=True))
    return right(parameters, both, validation, **rest)


def without_the_rest(parameters, training, validation, *, m, **rest):
    """sgd that leaves out what fills no mini-batch."""
    n = len(training[0]) // m * m
    return right(parameters, tuple(part[:n] for part in training), validation, m=m, **rest)


def in_rows(arrays):
    return sorted(map(tuple, np.concatenate(arrays).tolist()))


@catches("with replacement", "sgd", drawing(Replacing), m=4)
@catches("the ragged rest left out", "sgd", without_the_rest, m=4)
@catches("validation data trained on", "sgd", on_validation, m=4)
@catches("labels of other examples", "sgd", lambda p, t, v, **rest: right(p, (t[0], t[1][::-1]), v, **rest), m=3)
@pytest.mark.parametrize("m", [1, 3, 4, 10, 11])
def test_every_example_is_used_exactly_once_an_epoch_with_its_own_label(m):
    batches = batches_of(n=10, m=m, epochs=2)
    per_epoch = -(-10 // m)
    assert [len(batch) for batch in batches] == 2 * ([m] * (10 // m) + [10 % m] * (10 % m > 0))
    for epoch in (batches[:per_epoch], batches[per_epoch:]):
        assert in_rows(epoch) == in_rows([np.column_stack(clouds(10, 1))])


@catches("no shuffling", "sgd", drawing(Unshuffled))
def test_each_epoch_has_an_order_of_its_own():
    batches = batches_of(n=10, m=10, epochs=3)
    orders = {batch.tobytes() for batch in [*batches, np.column_stack(clouds(10, 1))]}
    assert len(orders) == 4


@catches("a ragged mini-batch over m", "Backprop.gradient", lambda b, x, y, scale: gradient(b, x, y, 3.0 / 4), n=6)
@catches("another eta", "sgd", lambda *a, eta, **rest: right(*a, eta=1.1 * eta, **rest), n=8)
@catches("the parameters of before", "Epoch", lambda number, parameters, accuracy: EPOCH(number, START, accuracy), n=8)
@pytest.mark.parametrize("n", [8, 6, 3], ids=["whole", "ragged", "smaller than m"])
def test_an_epoch_is_its_mini_batches_steps_each_by_the_mean_over_its_own_examples(n):
    w = START
    for batch in batches_of(n=n, m=4, epochs=2):
        nabla = backprop(w, batch[:, :2], batch[:, 2:], HALF)
        w = Parameters(w.sizes, w.vector - 3.0 * nabla.vector)
    found = train(n=n, m=4, epochs=2)[-1].parameters
    np.testing.assert_allclose(found.vector, w.vector, rtol=1e-12)


@catches("validation data trained on", "sgd", on_validation)
def test_other_validation_data_change_no_parameter():
    by_validation = [train(validation=clouds(n, seed)) for n, seed in ((9, 2), (6, 3))]
    first, other = ([epoch.parameters.vector.tolist() for epoch in epochs] for epochs in by_validation)
    assert first == other


@catches("accuracy on the training data", "sgd", lambda p, t, v, **rest: right(p, t, t, **rest))
@catches("accuracy before the epoch", "accuracy", lambda parameters, x, y: accuracy(START, x, y))
def test_the_accuracy_of_an_epoch_is_that_of_its_parameters_on_the_validation_data():
    x, y = clouds(30, 2)
    y[:10] = y[:10, ::-1]  # wrong labels, but for the cloud in the middle
    epochs = train(n=30, epochs=20, validation=(x, y))
    assert [epoch.number for epoch in epochs] == list(range(1, 21))
    assert epochs[-1].accuracy == accuracy(epochs[-1].parameters, x, y) == 23 / 30


@catches("the share of output neurons", "classify", lambda output: output > 0.5)
@catches("the share of mistakes", "classify", lambda output: -output.argmax(axis=-1) - (output.max(axis=-1) < 0.9))
def test_accuracy_is_the_share_of_examples_whose_most_active_output_is_the_labelled_one():
    identity = Parameters.of([np.eye(3)], [np.zeros(3)])
    x = np.array([[0.9, 0.8, 0.7], [0.1, 0.3, 0.2], [-3.0, -2.0, -1.0], [0.0, 1.0, 0.0]])
    assert sgd.accuracy(identity, x, np.eye(3)[[0, 1, 2, 2]]) == 0.75


@catches("a seed of its own", "sgd", lambda *a, rng, **rest: right(*a, rng=np.random.default_rng(), **rest))
@catches("one seed for all", "sgd", lambda *a, rng, **rest: right(*a, rng=np.random.default_rng(0), **rest))
def test_the_same_seed_gives_the_same_run_and_another_seed_another():
    first, again, other = (train(seed=seed)[-1].parameters.vector.tolist() for seed in (1, 1, 2))
    assert first == again != other


@catches("the start used up", "sgd", lambda p, *a, **rest: [*right(p, *a, **rest), p.vector.fill(0)][:-1])
def test_the_parameters_that_training_starts_from_stay_as_they_are():
    mine = START.copy()
    rng = np.random.default_rng(0)
    list(sgd.sgd(mine, clouds(6, 1), clouds(3, 2), cost=HALF, eta=3.0, m=2, epochs=1, rng=rng))
    assert mine.vector.tolist() == START.vector.tolist()


@catches("up the gradient", "Backprop.gradient", lambda b, x, y, scale: gradient(b, x, y, -scale))
@catches("no training", "Backprop.gradient", lambda b, x, y, scale: gradient(b, x, y, 0.0))
def test_three_clouds_that_are_far_apart_are_learned():
    assert train(n=30, epochs=20)[-1].accuracy == 1.0
