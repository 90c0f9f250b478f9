"""From a check's report to points: each equation of the assignment passed, failed, or not run, with its reason."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from compare.check.evidence import stays
from compare.check.report import OWN, Check, CheckReport
from compare.check.subject import UPDATE
from compare.diagnosis.case import Fault
from compare.grade.asking.questions import Question
from compare.grade.assignment import Assignment
from compare.grade.judging.walk import Walk
from compare.grade.result import CHECKS, Graded
from compare.submission.loading import FUNCTIONS

FUNCTION = dict.fromkeys(("BP1", "BP2", "BP3", "BP4"), "backprop")
FUNCTION |= {name: name for name in ("sigmoid", "sigmoid_prime", "feedforward")}
FUNCTION |= dict.fromkeys(("update", "trajectory"), "update_mini_batch")
ROW = {"sigmoid": "σ(z)", "sigmoid_prime": "σ′(z)", "feedforward": "a = σ(z)", "update": "SGD"}
TENSORS = {"BP1": "deltas", "BP2": "deltas", "BP3": "nabla_b", "BP4": "nabla_w"}
NEEDS = {"backprop": "feedforward", "update_mini_batch": "backprop"}
MISFIT = {"raised", "shape"}
MADE_IN = {name: (name,) for name in ("BP1", "BP2", "BP3", "BP4")} | {"σ′": ("BP1", "BP2"), "∂C/∂a": ("BP1",)}
MADE_IN |= dict.fromkeys(("z = wa + b", "a = σ(z)"), ("feedforward",)) | dict.fromkeys(("SGD w", "SGD b"), ("update",))
KEPT = "right when it is asked first: what is kept from call to call is backprop's"
HARMLESS = {"modified", "views"}  # of arguments: each call has copies of its own, and no number is wrong by it


@dataclass(frozen=True)
class Seen:
    """What is known of one trial.

    silent  the question at which the process ended; ``how`` it did
    first   whether an update that is wrong by what backprop keeps is right when it is asked first of all
    """

    report: CheckReport
    walk: Walk
    silent: Question | None = None
    how: str = ""
    first: bool = False

    @cached_property
    def rows(self) -> dict[str, Check]:
        """The report's lines, by their equations."""
        return {check.equation: check for check in self.report.checks}


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
    if seen.silent and _after(name, seen.silent):
        return Graded(name, "not run", 0.0, most, f"not run, as the file {seen.how} when {_asked(seen.silent)}")
    if seen.silent and function == seen.silent.function and (name == "trajectory") == seen.silent.walk:
        return Graded(name, "failed", 0.0, most, f"the file {seen.how} when {_asked(seen.silent)}")
    fault = next(_faults(name, seen.report), None)
    if fault and (reason := _comes_of_elsewhere(name, fault, seen)):
        return Graded(name, "passed", most, most, reason, carried=True)
    if fault and not _rounded_before(name, fault, seen):
        return Graded(name, "failed", 0.0, most, _told(fault))
    return _trajectory(most, seen.walk) if name == "trajectory" else _equation(name, most, seen)


def _comes_of_elsewhere(name: str, fault: Fault, seen: Seen) -> str:
    """Why a fault costs this check nothing, if it does not."""
    if fault.kind in MISFIT and name not in _made_in(name, seen.report):
        return f"right; that something does not fit comes of a mistake elsewhere: {_told(fault)}"
    return KEPT if (fault.kind, name) == ("state", "update") and seen.first else ""


def _rounded_before(name: str, fault: Fault, seen: Seen) -> bool:
    """Whether all that is wrong is float32's rounding, and an equation before this one is the first to have it."""
    row = seen.rows.get(ROW.get(name, name))
    single = fault.kind == "dtype" and seen.report.examination.of_single_precision
    return single and row is not None and (row.verdict, row.note) == ("right", OWN)


def _made_in(name: str, report: CheckReport) -> set[str]:
    """The checks in which the mistakes are made that explain all that is shown; every check if there are none.

    Code in which something does not fit raises in most networks; in one whose layers are as wide it shows its numbers.
    """
    made = {e for hypothesis in report.diagnosis.hypotheses for one in hypothesis for e in one.mistake.equations}
    if not made or not made <= set(MADE_IN) or FUNCTION[name] not in report.examination.parts or name == "trajectory":
        return set(CHECKS)
    return {check for equation in made for check in MADE_IN[equation]}


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


def _faults(name: str, report: CheckReport) -> Iterator[Fault]:
    """What its function did wrong beside the numbers; of a fault in one tensor, only if it is this check's."""
    for fault in report.faults:
        about = fault.tensor.partition("[")[0]
        mine = about not in TENSORS.values() or about == TENSORS.get(name)
        if mine and fault.function == FUNCTION[name] and fault.kind not in HARMLESS:
            yield fault


def _told(fault: Fault) -> str:
    sentence = re.sub(r", or [^,]*--adapter.*", "", fault.sentence)  # which `check` has
    return f"{sentence} (line {fault.line})" if fault.line else sentence


def _equation(name: str, most: float, seen: Seen) -> Graded:
    row = seen.rows.get(ROW.get(name, name))
    if row is None or row.verdict in ("not shown", "no answer"):
        silent = all(fault.function != FUNCTION[name] for fault in seen.report.faults)
        reason = f"is not written{_nor(FUNCTION[name], seen.report)}" if silent else "gave nothing for it"
        return Graded(name, "failed", 0.0, most, f"{FUNCTION[name]} {reason}")
    update = seen.report.examination.parts.get(UPDATE)
    if name == "update" and update and stays(update, seen.report.examination.asked):
        return Graded(name, "failed", 0.0, most, "the parameters stay what they were")
    if row.verdict == "right":
        carried = row.note == OWN
        gives = "backprop" if name == "update" else FUNCTION[name]
        if carried and gives not in seen.report.examination.parts:
            return Graded(name, "failed", 0.0, most, f"{gives} gave nothing that it could be judged by")
        reason = "right, given the values that your code has before it" if carried else ""
        return Graded(name, "passed", most, most, reason, _finite(row.worst), carried)
    return Graded(name, "failed", 0.0, most, _wrong(row), _finite(row.worst))


def _wrong(row: Check) -> str:
    if row.worst is None or not math.isfinite(row.worst):
        return "it does not hold between the values that your code gives"
    return f"the largest error is {row.worst:.2g} times what rounding can explain"


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
