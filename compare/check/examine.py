"""The examination: an implementation is asked about every case, and each function is judged by what it shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from compare.check.readings import Reading, only, readings
from compare.check.subject import FORWARD, GRADIENT, SHOWN_BY, UPDATE, Subject
from compare.diagnosis.case import Case, Fault, Observed
from compare.diagnosis.judging import judge
from compare.diagnosis.probes import probes, random_case
from compare.power import Power
from compare.trace import Key, find
from compare.verdict import Divergence, Verdict

Cases = dict[str, tuple[Case, Observed]]  # by name, in the order in which they were asked
DARK = 0.8  # of an image's pixels
SATURATED = 300.0  # weights this large take z to where e⁻ᶻ overflows


@dataclass
class Part:
    """What one function shows, judged: under the reading that fits, or under the stated one if none does."""

    function: str
    reading: Reading
    fits: bool
    absolute: bool
    verdicts: dict[str, Verdict]

    @property
    def worst(self) -> dict[Key, float]:
        """The largest r of each quantity, by its layer in the first case."""
        found: dict[Key, float] = {}
        for verdict in self.verdicts.values():
            for key, r in verdict.worst.items():
                found[key] = float(np.max([found.get(key, 0.0), r]))
        return found

    @property
    def divergence(self) -> tuple[str, Divergence] | None:
        """The first case with a divergence, and the divergence."""
        return next(((name, v.first_divergence) for name, v in self.verdicts.items() if v.first_divergence), None)


@dataclass
class Examination:
    """All that was asked, what came, and how it is judged."""

    stated: Reading
    asked: Cases
    parts: dict[str, Part] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    powers: dict[Key, Power] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Nothing is wrong but, at most, that another cost is meant than the stated one."""
        return not self.faults and all(part.fits for part in self.parts.values())


def cases(seed: int, L: int, stated: Reading, dtype: str, biased: bool = True) -> dict[str, Case]:
    """The cases to ask about, by name, in the order to ask them in. Not ``biased``: all biases are 0."""
    small = probes(seed, L, factor=stated.factor, summed=stated.summed, dtype=dtype)
    rng = np.random.default_rng([seed, L, 1])
    found = {
        "batch": small.batch,
        "later": small.later,
        "single": small.single,
        "square": small.square,
        "saturated": replace(
            random_case(rng, small.batch.sizes, 3, spread=SATURATED, dtype=dtype),
            factor=stated.factor,
            summed=stated.summed,
        ),
        "digits": stated.case(digits(rng, (784, *[30] * (L - 1), 10), dtype)),
    }
    return found if biased else {name: without_biases(case) for name, case in found.items()}


def digits(rng: np.random.Generator, sizes: tuple[int, ...], dtype: str) -> Case:
    """Ten random images, mostly dark, and their labels one-hot: a mini-batch of the size that MNIST is trained in."""
    case = random_case(rng, sizes, 10, dtype=dtype)
    pixels = np.where(rng.random(case.x.shape) < DARK, 0, rng.random(case.x.shape)).astype(dtype)
    return replace(case, x=pixels, y=np.eye(sizes[-1])[rng.integers(0, sizes[-1], 10)].astype(dtype))


def without_biases(case: Case) -> Case:
    """The case of a network that has none."""
    return replace(case, biases=[np.zeros_like(b) for b in case.biases])


def examine(
    subject: Subject, stated: Reading, seed: int, L: int, dtype: str = "float64", biased: bool = True
) -> Examination:
    """Ask about every case, and judge what came."""
    asked = {name: (case, subject.observe(case)) for name, case in cases(seed, L, stated, dtype, biased).items()}
    found = Examination(stated, asked)
    found.faults = _distinct(fault for _, observed in asked.values() for fault in observed.faults)
    found.faults += _kept(subject, *asked["batch"])
    for function in (FORWARD, GRADIENT, UPDATE):
        if any(key.name in SHOWN_BY[function] for _, observed in asked.values() for key in observed.shown()):
            found.parts[function] = judge_part(function, stated, asked)
    found.powers = {key: power for part in found.parts.values() for key, power in part.verdicts["batch"].powers.items()}
    return found


def judge_part(function: str, stated: Reading, asked: Cases) -> Part:
    """What one function shows, under the first reading that fits."""
    signs = {FORWARD: (), GRADIENT: (1, -1), UPDATE: (1,)}[function]
    batch = {"batch": asked["batch"]}
    for reading in readings(stated, signs):
        if _fits(_verdicts(function, reading, batch, absolute=True)):  # most that do not fit are out with this
            for absolute in (False, True):
                verdicts = _verdicts(function, reading, asked, absolute)
                if _fits(verdicts):
                    return Part(function, reading, True, absolute, verdicts)
    return Part(function, stated, False, False, _verdicts(function, stated, asked, absolute=False))


def _fits(verdicts: dict[str, Verdict]) -> bool:
    return not any(verdict.divergences for verdict in verdicts.values())


def _verdicts(function: str, reading: Reading, asked: Cases, absolute: bool) -> dict[str, Verdict]:
    """Of each case, as far as it shows anything; an update is held against the gradient that is shown, too."""
    own, names = SHOWN_BY[function], SHOWN_BY[function] + (SHOWN_BY[GRADIENT] if function == UPDATE else ())
    found = {}
    for name, (case, observed) in zip(asked, reading.asked(list(asked.values())), strict=True):
        found[name] = verdict = judge(case, only(observed, names), absolute=absolute)
        verdict.worst = {key: r for key, r in verdict.worst.items() if key.name in own}
        verdict.powers = {key: power for key, power in verdict.powers.items() if key.name in own}
        verdict.divergences = [d for d in verdict.divergences if d.key.name in own]
    return found


def _kept(subject: Subject, case: Case, before: Observed) -> Iterator[Fault]:
    """What comes out otherwise when the first case is asked about again."""
    again = subject.observe(case)
    for function, names in SHOWN_BY.items():
        for key in before.shown():
            if key.name in names and not _same(find(before.trace, key), find(again.trace, key)):
                yield Fault(
                    "state",
                    function,
                    f"{function} gave another {key.name}[{key.layer}] when it was asked the same again: "
                    "something is kept from call to call; does each call begin from zero?",
                )
                break


def _same(before: np.ndarray, again: np.ndarray | None) -> bool:
    return again is not None and np.array_equal(before, again, equal_nan=True)


def _distinct(faults: Iterable[Fault]) -> list[Fault]:
    """Each kind of fault of each function once: the first case that it came up in."""
    found: dict[tuple[str, str], Fault] = {}
    for fault in faults:
        found.setdefault((fault.kind, fault.function), fault)
    return list(found.values())


def failing_cases(examination: Examination) -> list[str]:
    """The names of the cases in which some function is wrong."""
    return [
        name
        for name in examination.asked
        if any(part.verdicts[name].divergences for part in examination.parts.values() if not part.fits)
    ]
