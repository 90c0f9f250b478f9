"""What a function did wrong beside its numbers: which checks it costs, and which not, as it comes of something else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from compare.check.report import CheckReport
from compare.diagnosis.case import Fault
from compare.diagnosis.hypotheses import Made
from compare.grade.judging.seen import FUNCTION, Seen
from compare.grade.result import CHECKS

TENSORS = {"BP1": "deltas", "BP2": "deltas", "BP3": "nabla_b", "BP4": "nabla_w"}
MISFIT = {"raised", "shape"}
MADE_IN = {name: (name,) for name in ("BP1", "BP2", "BP3", "BP4")} | {"σ′": ("BP1", "BP2"), "∂C/∂a": ("BP1",)}
MADE_IN |= dict.fromkeys(("z = wa + b", "a = σ(z)"), ("feedforward",)) | dict.fromkeys(("SGD w", "SGD b"), ("update",))
KEPT = "right when it is asked first: what is kept from call to call is backprop's"
HARMLESS = {"modified", "views"}  # of arguments: each call has copies of its own, and no number is wrong by it


def faults(name: str, report: CheckReport) -> Iterator[Fault]:
    """What its function did wrong beside the numbers; of a fault in one tensor, only if it is this check's."""
    for fault in report.faults:
        about = fault.tensor.partition("[")[0]
        mine = about not in TENSORS.values() or about == TENSORS.get(name)
        if mine and fault.function == FUNCTION[name] and fault.kind not in HARMLESS:
            yield fault


def told(fault: Fault) -> str:
    """Its sentence with the line, for a student."""
    sentence = re.sub(r", or [^,]*--adapter.*", "", fault.sentence)  # which `check` has
    return f"{sentence} (line {fault.line})" if fault.line else sentence


def acquitted(made: Made, passed: Collection[str]) -> bool:
    """Whether a mistake cannot be the student's, as a check that it would cost has passed.

    One that is made in a single layer costs one of its checks, of the equation that it is blamed on.
    """
    if made.layer:
        costs = set(MADE_IN.get(made.mistake.equation, ()))
        return bool(costs) and costs <= set(passed)
    return any(check in passed for equation in made.mistake.equations for check in MADE_IN.get(equation, ()))


def comes_of_elsewhere(name: str, fault: Fault, seen: Seen) -> str:
    """Why a fault costs this check nothing, if it does not."""
    if fault.kind in MISFIT and name not in _made_in(name, seen.report):
        return f"right; that something does not fit comes of a mistake elsewhere: {told(fault)}"
    return KEPT if (fault.kind, name) == ("state", "update") and seen.first else ""


def right_all_the_same(name: str, fault: Fault, seen: Seen) -> bool:
    """Whether numbers of another precision are right: they are float64's, or what came before has lost the digits."""
    row = seen.row(name)
    return fault.kind == "dtype" and (name == "trajectory" or (row is not None and row.verdict == "right"))


def _made_in(name: str, report: CheckReport) -> set[str]:
    """The checks in which the mistakes are made that explain all that is shown; every check if there are none.

    Code in which something does not fit raises in most networks; in one whose layers are as wide it shows its numbers.
    """
    made = {e for hypothesis in report.diagnosis.hypotheses for one in hypothesis for e in one.mistake.equations}
    if not made or not made <= set(MADE_IN) or FUNCTION[name] not in report.examination.parts or name == "trajectory":
        return set(CHECKS)
    return {check for equation in made for check in MADE_IN[equation]}
