"""The results on disk: what is graded stays graded, whatever interrupts, and nothing is graded twice."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import compare
from compare.grade.assignment import Assignment
from compare.grade.result import Result
from compare.grade.submitted import Submitted
from compare.grade.telling.names import file_name


@cache
def grader() -> str:
    """A hash of all that judges: with other code, a submission is graded anew."""
    hashed = hashlib.sha256()
    root = Path(compare.__file__).parent
    for path in sorted(root.rglob("*.py")):
        hashed.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return hashed.hexdigest()


def key(submitted: Submitted, assignment: Assignment) -> str:
    """Of the submission, the assignment and the grader: the same key, the same result."""
    words = (submitted.student, submitted.name, submitted.problem, assignment.fingerprint(), grader())
    hashed = hashlib.sha256("\0".join(words).encode("utf-8", "replace") + b"\0" + submitted.source)
    for name, text in sorted(submitted.beside.items()):
        hashed.update(f"\0{name}\0{len(text)}\0".encode() + text)
    return hashed.hexdigest()


def kept(folder: Path, submitted: Submitted, assignment: Assignment) -> Result | None:
    """The result that an earlier run left, if it is of the very same; never one that was the grader's own fault."""
    found = read(folder / file_name(submitted.student) / "result.json")
    mine = found and found.key == key(submitted, assignment) and found.status != "not graded"
    return found if mine else None


def read(path: Path) -> Result | None:
    """A result as it was written; None where there is none, or one that cannot be read."""
    try:
        return Result.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def share(all_of_them: list[Submitted], part: int, parts: int) -> list[Submitted]:
    """Part 1 … ``parts`` of the submissions: by the student, so that it does not change with who else hands in."""
    return [s for s in all_of_them if int(hashlib.sha256(s.student.encode()).hexdigest(), 16) % parts == part - 1]
