"""Finds the form in which a submission can be asked at all: the stated one, or else another that fits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from compare.check.forms import Came, in_form, left_to_try, likeliest, without_biases
from compare.check.readings import Reading, readings
from compare.check.subject import SHOWN_BY, SLOTS, UPDATE
from compare.diagnosis.case import Case, Fault, Observed
from compare.diagnosis.judging import judge
from compare.diagnosis.probes import probes
from compare.submission.remote import Submission

DEPTHS = (3, 2, 1)  # layers with weights: many a network is written for one depth only
TOO_MANY = ("values to unpack", "positional argument", "multiple values for argument")  # Python's words


@dataclass(frozen=True)
class Fit:
    """The form that fits best, for networks of L layers.

    asked    the case that it was asked about in that form, and what was observed
    came     which of its functions answered
    endless  the faults of a call that did not return: there is no use in asking on
    shallow  it does not answer about as many layers as it was first asked about, but does about one fewer
    """

    submission: Submission
    L: int
    asked: tuple[Case, Observed]
    came: Came
    endless: list[Fault]
    shallow: bool = False

    @property
    def whole(self) -> bool:
        """Every function answers that answers in any form."""
        return not self.came.silent and bool(self.submission.offers)


def fit(submission: Submission, seed: int, layers: int | None = None) -> Fit:
    """The stated form if every function answers in it; or else the form in which the most do, and are right.

    The first or the last column of a matrix may be its biases: both can be asked for, and only the numbers tell.
    """
    found: list[Fit] = []
    came: list[Came] = []
    for conventions in left_to_try(submission.conventions, came):
        one = _at_depth(submission.with_conventions(conventions), seed, layers)
        if one.endless or (one.whole and (not found or _wrong(one) == 0)):
            return one
        found.append(one)
        came.append(one.came)
    by_form = {one.submission.conventions: one for one in found}
    likely = likeliest(came, bool(submission.network), lambda form: _in_a_square(by_form[form], seed))
    best = min((by_form[one.form] for one in likely), key=_wrong)
    return best if layers else replace(best, shallow=_shallow(best, seed))


def _in_a_square(one: Fit, seed: int) -> Observed:
    return one.submission.observe(in_form(probes(seed, one.L).square, one.submission.conventions))


def _shallow(one: Fit, seed: int) -> bool:
    fewer = one.L - 1
    return (
        fewer > 0
        and not one.whole
        and _came(one.submission, _ask(one.submission, seed, fewer)[1]).answering
        == one.submission.offers & set(SHOWN_BY)
    )


def _wrong(one: Fit) -> int:
    """How many quantities are wrong in that form, by the cost that suits it best."""
    return min(len(judge(*reading.asked([one.asked])[0]).wrong()) for reading in readings(Reading()))


def _at_depth(submission: Submission, seed: int, layers: int | None) -> Fit:
    """Fewer layers only where its faults say that it is written for another number of them."""
    depths = (layers,) if layers else DEPTHS
    first: Fit | None = None
    for L in depths:
        case, observed = _ask(submission, seed, L)
        endless = [f for f in observed.faults if f.kind == "endless"]
        found = Fit(submission, L, (case, observed), _came(submission, observed), endless)
        if first is None or found.whole or found.endless:
            first = found
        if found.whole or found.endless or not _of_another_depth(observed):
            break
    assert first is not None
    return first


def _came(submission: Submission, observed: Observed) -> Came:
    return Came.of(submission, submission.conventions, observed)


def _ask(submission: Submission, seed: int, L: int) -> tuple[Case, Observed]:
    """A mini-batch; or one example of an implementation that has an update of one example, and no more."""
    c = submission.conventions
    alone = c.batch == "one" and submission.offers <= {UPDATE, *SLOTS} and not submission.network
    case = _case(seed, L, alone, c.biases != "none")
    return case, submission.observe(case)


@lru_cache(maxsize=16)
def _case(seed: int, L: int, alone: bool, biased: bool) -> Case:
    """The same object for all forms: what autograd says of it is worked out once."""
    small = probes(seed, L)
    case = small.single if alone else small.batch
    return case if biased else without_biases(case)


def _of_another_depth(observed: Observed) -> bool:
    """Whether it unpacked another number of layers, or returned another number of them."""
    return any(
        f.kind == "layers" or (f.kind == "raised" and any(words in f.sentence for words in TOO_MANY))
        for f in observed.faults
    )
