"""A wrong gradient that is accepted is off by less than its verdict says it would see."""

import numpy as np
import pytest

from compare.matrix.cases import Setting, make
from compare.matrix.implementations import wrong
from compare.matrix.matrix import _first_with_effect
from compare.matrix.ours import judged
from compare.matrix.truth import RIGHT, kind
from compare.verdict import Outcome

ACCEPTED, LAYER = "w already updated in BP2", 1


def verdict_and_share(seed):
    """The verdict on it, and the largest error of a gradient, next to what the verdict says it would have caught."""
    earlier, case = make(Setting("saturated", "float32", seed))
    ways = next(ways for ways in wrong(seed) if ways[0].name == ACCEPTED)
    in_one = [way for way in ways if way.planted[0].layer == LAYER]
    program, observed, _ = _first_with_effect(in_one, earlier, case)
    assert kind(program, observed, earlier, case) == "gradient"
    verdict = judged(case, observed)
    nablas = [power for key, power in verdict.powers.items() if key.name == "nabla_w"]
    exact = [of.exactly(earlier, case)[0][: case.L] for of in (program, RIGHT)]
    errors = [float(np.abs(a - e).max() / np.abs(e).max()) for a, e in zip(*exact, strict=True)]
    return verdict.outcome, max(error / power.smallest for error, power in zip(errors, nablas[::-1], strict=True))


def test_what_is_accepted_is_off_by_less_than_what_would_have_been_caught():
    outcome, share = verdict_and_share(seed=0)
    assert outcome is Outcome.MATCH
    assert share < 1


@pytest.mark.parametrize("seed", range(1, 6))
def test_with_another_seed_it_is_rejected(seed):
    assert verdict_and_share(seed)[0] is Outcome.MISMATCH
