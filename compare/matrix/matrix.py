"""Owns the trials: every program, right or wrong, through every check, a setting at a time, in several processes."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context

import torch
from threadpoolctl import threadpool_limits

from compare.diagnosis.case import Case, Observed
from compare.matrix.cases import Setting, copied, make, settings
from compare.matrix.implementations import Program, right, wrong
from compare.matrix.ours import backproof_accepts
from compare.matrix.peers import PEERS, Peer
from compare.matrix.tally import Tally, Trial
from compare.matrix.truth import gradients, kind

OURS = "backproof"
SAID = {"match": "accepted", "mismatch": "rejected", "inconclusive": "inconclusive"}
NOT_TRIED = "(not tried)"
SEEN = {"correct": ("", ""), "gradient": ("yes", "yes"), "update": ("no", "yes")}  # by another check, by backproof
SLOW_EVERY = 6  # a slow check meets one program in so many, with the next seed the next of them


def run(seeds: int, processes: int = 2) -> Generator[Tally]:
    """The tally after each setting, which is one and the same object. Nothing is left running when it is closed."""
    tally = Tally()
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_alone)
    try:
        for done in as_completed([pool.submit(trials, setting) for setting in settings(seeds)]):
            tally.add(*done.result())
            yield tally
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _alone() -> None:
    """A process of the pool computes in one thread, and leaves Ctrl-C to the one that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
    threadpool_limits(1)


def trials(setting: Setting) -> tuple[list[Trial], dict[str, float]]:
    """All trials of one setting, and the seconds of each check."""
    earlier, case = make(setting)
    found: list[Trial] = []
    for at, ways in enumerate([*([program] for program in right()), *wrong(setting.seed)]):
        program, observed, of = _first_with_effect(ways, earlier, case)
        about = (setting.regime, setting.dtype, of, program.name)
        if observed is None or of == "hidden":
            found.append(Trial(NOT_TRIED, *about, "no", ""))
            continue
        for name, outcome in _said(case, observed, of, slow=(at + setting.seed) % SLOW_EVERY == 0):
            found.append(Trial(name, *about, SEEN[of][name == OURS], outcome))
    return found, _seconds(earlier, case)


def _first_with_effect(ways: list[Program], earlier: Case, case: Case) -> tuple[Program, Observed | None, str]:
    found = []
    for program in ways:
        observed = program.observe(earlier, case)
        found.append((program, observed, kind(program, observed, earlier, case)))
        if found[-1][2] not in ("hidden", "raised"):
            return found[-1]
    return found[0]


def _said(case: Case, observed: Observed, of: str, slow: bool) -> Iterator[tuple[str, str]]:
    yield OURS, SAID[backproof_accepts(case, observed)]
    found = gradients(observed)
    for name, check in _peers(slow):
        # Where the update alone is wrong, the gradient is right: what they say to that is counted as right code.
        accepted = of == "update" or check.accepts(case, found[: case.L], found[case.L :])
        yield name, "accepted" if accepted else "rejected"


def _peers(slow: bool) -> Iterator[tuple[str, Peer]]:
    for name, check in PEERS.items():
        if check.available and (slow or not check.slow):
            yield name, check


def _seconds(earlier: Case, case: Case) -> dict[str, float]:
    """What each check takes on the right gradient, with nothing worked out before; backproof's includes the update."""
    observed = Program("as in the book", (), wrong=False).observe(earlier, case)
    assert observed is not None
    found = gradients(observed)
    spent = {OURS: _timed(lambda c: backproof_accepts(c, observed), case)}
    for name, check in _peers(slow=True):
        spent[name] = _timed(partial(check.accepts, nabla_w=found[: case.L], nabla_b=found[case.L :]), case)
    return spent


def _timed(function: Callable[[Case], object], case: Case) -> float:
    fresh, start = copied(case), time.perf_counter()
    function(fresh)
    return time.perf_counter() - start
