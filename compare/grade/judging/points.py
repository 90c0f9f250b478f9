"""From a check's report to points: each equation of the assignment passed, failed, or not run, with its reason."""

from __future__ import annotations

import math

from compare.check.evidence import stays
from compare.check.report import OWN, CheckReport
from compare.check.subject import UPDATE
from compare.grade.asking.questions import Question
from compare.grade.assignment import Assignment
from compare.grade.judging.faults import comes_of_elsewhere, faults, right_all_the_same, told
from compare.grade.judging.named import explained_elsewhere, made_in
from compare.grade.judging.off import off
from compare.grade.judging.seen import FUNCTION, Seen
from compare.grade.judging.stepping import doubtful
from compare.grade.judging.walk import Walk
from compare.grade.result import CHECKS, Graded
from compare.submission.loading import FUNCTIONS

NEEDS = {"backprop": "feedforward", "update_mini_batch": "backprop"}
NOTHING = "gave nothing that it could be judged by"
EITHER = "; nor are they right after a step by a gradient that stands in for that of your backprop"


def graded(seen: Seen, assignment: Assignment) -> list[Graded]:
    """Every check of the assignment, in the order of computation."""
    found: dict[str, Graded] = {}
    for name in CHECKS:
        if (most := assignment.points.get(name)) is not None:
            missing = [p for p in assignment.prerequisites.get(name, []) if p in found and found[p].status != "passed"]
            found[name] = _not_run(name, most, missing) if missing else _one(name, most, seen)
    return list(found.values())


def _not_run(name: str, most: float, missing: list[str]) -> Graded:
    because = ", ".join(missing)
    return Graded(name, "not run", 0.0, most, f"not run, as {because} did not pass, which it builds on")


def _one(name: str, most: float, seen: Seen) -> Graded:
    function = FUNCTION[name]
    if function not in seen.report.offers:
        return Graded(name, "failed", 0.0, most, f"{function} is not written")
    return _shown_otherwise(name, most, seen) or _broken_off(name, most, seen) or _answered(name, most, seen)


def _shown_otherwise(name: str, most: float, seen: Seen) -> Graded | None:
    """A check of which something is known by what was asked beside; but of backprop, a name tells more."""
    if name != "update" and made_in(name, seen.report) != set(CHECKS):
        return None
    if reason := seen.given.stands.get(name):
        return Graded(name, "passed", most, most, reason)
    if reason := seen.given.lacks.get(name):
        fault = next(faults(name, seen.report), None)
        return Graded(name, "failed", 0.0, most, f"{told(fault)}; {reason}" if fault else reason)
    return None


def _broken_off(name: str, most: float, seen: Seen) -> Graded | None:
    """A check whose question the process ended at, or before."""
    if seen.silent and _after(name, seen.silent):
        return Graded(name, "not run", 0.0, most, f"not run, as the file {seen.how} when {_asked(seen.silent)}")
    if seen.silent and FUNCTION[name] == seen.silent.function and (name == "trajectory") == seen.silent.walk:
        return Graded(name, "failed", 0.0, most, f"the file {seen.how} when {_asked(seen.silent)}")
    return None


def _answered(name: str, most: float, seen: Seen) -> Graded:
    fault = next((fault for fault in faults(name, seen.report) if not right_all_the_same(name, fault, seen)), None)
    if fault and (reason := comes_of_elsewhere(name, fault, seen)):
        return Graded(name, "passed", most, most, reason, carried=True)
    if fault:
        return Graded(name, "failed", 0.0, most, told(fault))
    return _trajectory(most, seen.walk) if name == "trajectory" else _equation(name, most, seen)


def _nor(function: str, report: CheckReport) -> str:
    """A function that calls one which is not written cannot be told from one that is not written itself."""
    needed = NEEDS.get(function)
    there = needed is None or needed in report.examination.parts or any(f.function == needed for f in report.faults)
    return "" if there else f", or calls {needed}, which is not"


def _after(name: str, silent: Question) -> bool:
    """Whether it was to be asked after the question that has no answer."""
    if name == "trajectory":
        return not silent.walk
    return FUNCTIONS.index(FUNCTION[name]) > FUNCTIONS.index(silent.function)


def _asked(silent: Question) -> str:
    return "several steps were asked for" if silent.walk else f"{silent.function} was called"


def _equation(name: str, most: float, seen: Seen) -> Graded:
    row = seen.row(name)
    if row is None or row.verdict in ("not shown", "no answer"):
        silent = all(fault.function != FUNCTION[name] for fault in seen.report.faults)
        reason = f"is not written{_nor(FUNCTION[name], seen.report)}" if silent else NOTHING
        return Graded(name, "failed", 0.0, most, f"{FUNCTION[name]} {reason}")
    update = seen.report.examination.parts.get(UPDATE)
    if name == "update" and update and stays(update, seen.report.examination.asked):
        reason = f"the parameters stay what they were{EITHER if doubtful(seen.report) else ''}"
        return Graded(name, "failed", 0.0, most, reason)
    if row.verdict == "right" and name not in seen.given.fails:
        carried = row.note == OWN
        gives = "backprop" if name == "update" else FUNCTION[name]
        if carried and gives not in seen.report.examination.parts:
            return Graded(name, "failed", 0.0, most, f"{gives} {NOTHING}")
        reason = "right, given the values that your code has before it" if carried else ""
        return Graded(name, "passed", most, most, reason, _finite(row.worst), carried)
    if reason := seen.given.holds.get(name) or explained_elsewhere(name, seen):
        return Graded(name, "passed", most, most, reason, carried=True)
    return Graded(name, "failed", 0.0, most, off(name, seen), _finite(row.worst))


def _trajectory(most: float, walk: Walk) -> Graded:
    worst = _finite(walk.worst)
    if walk.broken is not None:
        return Graded("trajectory", "failed", 0.0, most, f"step {walk.broken} gave no parameters to go on with", worst)
    if walk.wrong is not None:
        reason = f"from step {walk.wrong} on, the parameters are not those of a step down the gradient"
        return Graded("trajectory", "failed", 0.0, most, reason, worst)
    return Graded("trajectory", "passed", most, most, "", worst)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
