"""``python -m compare.grade.autograder FOLDER``: what a Gradescope container runs for a submission.

In the folder are ``source``, ``submission``, ``results`` and ``submission_metadata.json``. The output is the teacher's.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

from compare.grade import store
from compare.grade.assignment import Assignment
from compare.grade.assignment_file import AssignmentError, load
from compare.grade.finding.single import one
from compare.grade.formats import gradescope
from compare.grade.result import Result
from compare.grade.sandbox import Sandbox, SandboxError
from compare.grade.telling.clean import line
from compare.grade.telling.files import put
from compare.grade.words import printable

NOBODY = "student"  # where the platform does not say who handed in


def main(folder: Path, unsafe: bool = False) -> None:
    """Grade what is in ``submission``, and write ``results/results.json``, whatever happens but a full disk."""
    visibility, student = "visible", NOBODY
    try:
        student = who(folder / "submission_metadata.json")
        assignment = load(folder / "source" / "assignment.toml")
        visibility = assignment.visibility
        result = graded(folder / "submission", student, assignment, unsafe)
    except AssignmentError as e:
        result = _not_graded(student, str(e))
    except SandboxError as e:
        result = _not_graded(student, f"no sandbox in this container. {e} 'backproof export gradescope' has it, too.")
    except Exception as e:
        traceback.print_exc()
        result = _not_graded(student, f"the grader broke off with {type(e).__name__}; its output has the rest")
    put(folder / "results" / "results.json", told(result, visibility))


def who(metadata: Path) -> str:
    """The id of who handed in; of a group, of all."""
    try:
        users = json.loads(metadata.read_text(encoding="utf-8"))["users"]
        ids = sorted(str(user["id"]) for user in users)
    except (OSError, ValueError, KeyError, TypeError):
        print(f"{metadata} does not say who handed in; the numbers asked about are those of '{NOBODY}'")
        return NOBODY
    return printable("+".join(ids)) or NOBODY


def graded(submission: Path, student: str, assignment: Assignment, unsafe: bool) -> Result:
    """The result of one student's files. Raises SandboxError, and anything else where the grader is at fault."""
    with Sandbox(unsafe=unsafe) as sandbox:
        import torch  # noqa: PLC0415 - after the sandbox, as without one there is no need to wait for it

        from compare.grade.judging.grader import Grader  # noqa: PLC0415

        torch.set_num_threads(1)
        submitted = one(submission, student, assignment.file)
        result = Grader(assignment, sandbox).result(submitted)
    if unsafe:
        print("graded without a sandbox: the submission could read the course key, and write its own score")
    return replace(result, key=store.key(submitted, assignment))


def _not_graded(student: str, why: str) -> Result:
    print(f"not graded: {why}", file=sys.stderr)
    return Result(student, "not graded", [], why)


def told(result: Result, visibility: str) -> str:
    """``results.json``, which also says to the teacher why a submission was not graded."""
    whole: dict[str, Any] = gradescope.of(result, "", visibility)
    if result.status == "not graded":
        whole["output"] += f"\n\nFor the teacher: not graded: {line(result.message)}"
    return json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m compare.grade.autograder")
    parser.add_argument("--unsafe", action="store_true")
    parser.add_argument("folder", type=Path)
    main(**vars(parser.parse_args()))
