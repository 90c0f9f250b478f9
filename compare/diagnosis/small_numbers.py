"""Owns the ways to make the numbers of a case small whole ones, where that is all that is left to make simpler.

Whatever is offered is nearer to the best numbers than what is there, so that taking the offers up comes to an end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from compare.diagnosis.case import Case
from compare.diagnosis.simpler import Way, arrays, copied, rebuilt

# What a number may become, the best first; of two targets that are 0 or 1 neither is the better.
SMALL = {"weights": (0, 1, -1, 2, -2), "biases": (0, 1, -1, 2, -2), "x": (1, 0, -1, 2, -2), "y": (0, 1, -1, 2, -2)}
ETAS = (1.0, 0.5)
LARGEST = 1e6  # of a number that is rounded to one decimal


def ways(case: Case) -> Iterator[Way]:
    """All arrays at once, η, then every array, and each of its numbers that is not the best already."""
    yield _all_at_once
    yield _eta
    for i, (name, array) in enumerate(arrays(case)):
        yield partial(_array, i=i)
        yield from (partial(_number, i=i, at=tuple(map(int, at))) for at in np.argwhere(_rank(name, array) > 0))


def _all_at_once(case: Case) -> Iterator[Case]:
    offers = [list(_coarser(name, array)) for name, array in arrays(case)]
    for k in range(max(map(len, offers))):
        now = zip(offers, arrays(case), strict=True)
        yield rebuilt(case, [offer[min(k, len(offer) - 1)] if offer else array for offer, (_, array) in now])


def _eta(case: Case) -> Iterator[Case]:
    better = ETAS[: ETAS.index(case.eta)] if case.eta in ETAS else ETAS
    return (replace(copied(case), eta=eta) for eta in better)


def _array(case: Case, i: int) -> Iterator[Case]:
    return (_with(case, i, offer) for offer in _coarser(*arrays(case)[i]))


def _number(case: Case, i: int, at: tuple[int, ...]) -> Iterator[Case]:
    name, array = arrays(case)[i]
    now = _rank(name, np.asarray(array[at]))
    for value in SMALL[name]:
        if _rank(name, np.asarray(value)) < now:
            offer = array.copy()
            offer[at] = value
            yield _with(case, i, offer)


def _with(case: Case, i: int, offer: np.ndarray) -> Case:
    of = [array for _, array in arrays(case)]
    return rebuilt(case, [*of[:i], offer, *of[i + 1 :]])


def _coarser(name: str, array: np.ndarray) -> Iterator[np.ndarray]:
    """All of an array the best number, or the second best; or each rounded, to a small one or to one decimal."""
    finite = np.clip(np.nan_to_num(array), -LARGEST, LARGEST)
    offers = [np.full_like(array, value) for value in SMALL[name][:2]]
    if name == "y":
        offers.insert(0, np.eye(array.shape[1], dtype=array.dtype)[finite.argmax(axis=1)])
    offers += [np.rint(np.clip(finite, -2, 2)) + 0.0, np.round(finite, 1) + 0.0]  # + 0.0: there is no −0 in it
    return (offer for offer in offers if _rank(name, offer).sum() < _rank(name, array).sum())


def _rank(name: str, array: np.ndarray) -> np.ndarray:
    """How far each number is from the best: its place in SMALL, or beyond all places, the further for its decimals."""
    small = SMALL[name]
    whole = array == np.round(np.clip(array, -LARGEST, LARGEST), 1)
    rank = np.where(whole, len(small), len(small) + 1)
    for place, value in enumerate(small):
        rank = np.where(array == value, 0 if name == "y" and place < 2 else place, rank)
    return rank
