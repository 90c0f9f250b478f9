"""What a function did wrong beside its numbers: which checks it costs, and which not, as it comes of something else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from compare.check.report import CheckReport
from compare.diagnosis.case import Fault
from compare.grade.judging.named import made_in
from compare.grade.judging.seen import FUNCTION, Seen

TENSORS = {"BP1": "deltas", "BP2": "deltas", "BP3": "nabla_b", "BP4": "nabla_w"}
MISFIT = {"raised", "shape"}
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
    sentence = re.sub(r", or (?:[^,]*--adapter.*|write an adapter)", "", fault.sentence)  # which `check` has
    return f"{sentence} (line {fault.line})" if fault.line else sentence


def comes_of_elsewhere(name: str, fault: Fault, seen: Seen) -> str:
    """Why a fault costs this check nothing, if it does not."""
    if fault.kind in MISFIT and name not in made_in(name, seen.report):
        return f"right; that something does not fit comes of a mistake elsewhere: {told(fault)}"
    return seen.given.holds.get(name, "") if fault.kind in ("dtype", "not finite") else ""


def right_all_the_same(name: str, fault: Fault, seen: Seen) -> bool:
    """Whether numbers of another precision are right: they are float64's, or what came before has lost the digits."""
    row = seen.row(name)
    return fault.kind == "dtype" and (name == "trajectory" or (row is not None and row.verdict == "right"))
