"""Where e⁻ᶻ overflows: right code may raise OverflowError there, or have a σ′ of ∞/∞. It is said, and no mistake."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from compare.check.readings import Reading, only, readings, with_shared
from compare.check.subject import FORWARD, GRADIENT, SHOWN_BY, UPDATE, Subject
from compare.diagnosis.case import Case, Fault, Observed
from compare.diagnosis.derivation import Derivation
from compare.diagnosis.judging import Judged, judge

Cases = dict[str, tuple[Case, Observed]]  # by name, in the order in which they were asked
EXTREME = "saturated"  # the case in which z lies where e⁻ᶻ overflows
NOTHING = 1e-150  # what is left of a σ′ whose (1 + e⁻ᶻ)² overflows


def overflow(faults: Sequence[Fault]) -> str:
    """The name of the error by which an overflow is told, if one is."""
    return next((fault.overflow for fault in faults if fault.overflow), "")


def largest(case: Case) -> float:
    """The largest |z| of a case."""
    return max(float(np.abs(z).max()) for z in Derivation().observe(case).trace.zs)


def moderate(z: np.ndarray) -> np.ndarray:
    """Which of the z have an e⁻ᶻ and an eᶻ that do not overflow."""
    return np.abs(z) < np.log(np.finfo(z.dtype).max)


def answers(subject: Subject, name: str, z: np.ndarray) -> tuple[np.ndarray | None, list[Fault], str]:
    """sigmoid or sigmoid_prime of every z; if that breaks off at an extreme one, of each by itself.

    NaN where it raised, and the name of the error.
    """
    values, faults = subject.call(name, z)
    if values is not None or not (error := overflow(faults)):
        return values, faults, ""
    values, near = np.full_like(z, np.nan), moderate(z)
    for some in [near, *(np.arange(len(z)) == k for k in np.flatnonzero(~near))]:
        found, again = subject.call(name, z[some])
        if found is None and (some is near or not overflow(again)):
            return None, faults, ""
        values[some] = np.nan if found is None else found
    return values, [], error


def apart(asked: Cases) -> tuple[Cases, list[tuple[str, str]]]:
    """What was observed without what overflow alone makes of the extreme case; and which function did what there."""
    case, observed = asked[EXTREME]
    near = {(f.kind, f.function) for name, (_, other) in asked.items() if name != EXTREME for f in other.faults}
    here = [f for f in observed.faults if (f.kind, f.function) not in near]
    raised = {f.function: error for f in here if f.kind == "raised" and (error := overflow([f]))}
    spoilt = {f.function for f in here if f.kind == "not finite"} & set(_spoilt(case, observed))
    said = [(function, f"raises {error}") for function, error in raised.items()]
    said += [(function, "gives NaN") for function in (GRADIENT, UPDATE) if function in spoilt]
    excused = {("raised", function) for function in raised} | {("not finite", function) for function in spoilt}
    return (asked | {EXTREME: (case, _without(observed, excused, spoilt))} if said else asked), said


def _without(observed: Observed, excused: Collection[tuple[str, str]], spoilt: Collection[str]) -> Observed:
    """Without those faults, and without the numbers of those functions."""
    names = [name for function, of in SHOWN_BY.items() if function not in spoilt for name in of]
    faults = [fault for fault in observed.faults if (fault.kind, fault.function) not in excused]
    return Observed(only(observed, names).trace, faults)


def _spoilt(case: Case, observed: Observed) -> Iterator[str]:
    """The functions some of whose numbers are NaN and all others right, where no activation that is shown is wrong."""
    if not any(f.kind == "not finite" for f in observed.faults) or not _forward_is_right(case, observed):
        return
    possible = with_shared(readings(Reading(case.factor, case.summed)))
    asked = [reading.asked([(case, observed)])[0] for reading in possible]
    judged = [judge(*one, absolute=True, own=False) for one in asked]
    for function in (GRADIENT, UPDATE):
        if any(_overflowed(one, SHOWN_BY[function]) for one in judged):
            yield function


def _forward_is_right(case: Case, observed: Observed) -> bool:
    forward = only(observed, SHOWN_BY[FORWARD])
    if not forward.shown():
        return all(fault.function != FORWARD for fault in observed.faults)
    return not judge(case, forward, absolute=True).wrong()


def _overflowed(judged: Judged, names: Sequence[str]) -> bool:
    """Some are NaN; the errors of all others are next to nothing."""
    of = [difference for key, difference in judged.differences.items() if key.name in names]
    with np.errstate(invalid="ignore"):
        right = [np.isnan(a) | (np.abs(a - e) <= allowed + NOTHING) for a, e, allowed in of]
    return any(np.isnan(a).any() for a, _, _ in of) and all(one.all() for one in right)


def sentences(said: Sequence[tuple[str, str]], asked: Cases, right: bool) -> Iterator[str]:
    """What overflows in the extreme case, a sentence for each way; ``right``: nothing else is wrong."""
    if not said:
        return
    far, near = largest(asked[EXTREME][0]), max(largest(case) for name, (case, _) in asked.items() if name != EXTREME)
    rest = f"; right for |z| up to {near:.0f}" if right else ""
    for how in dict.fromkeys(how for _, how in said):
        functions = [function for function, other in said if other == how]
        verb = how.replace("raises", "raise").replace("gives", "give") if len(functions) > 1 else how
        yield f"{', '.join(functions)} {verb} where |z| goes up to {far:.0f} and e⁻ᶻ overflows{rest}"
