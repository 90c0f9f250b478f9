"""``backproof assignment``: an assignment for a class, and the file that its students start from."""

from __future__ import annotations

import argparse
import json
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compare.commands import rehearse
from compare.commands.check import CONVENTIONS
from compare.commands.template import STARTING_FILE
from torch_ref.parser import Parser, fail

if TYPE_CHECKING:
    from pydantic import BaseModel

FILE, TEMPLATE = "assignment.toml", "template.py"
POINTS = {"sigmoid": 1, "sigmoid_prime": 1, "feedforward": 2, "BP1": 3, "BP2": 4, "BP3": 2, "BP4": 3, "update": 2}
FIRST_LINES = """# An assignment of backproof: what is asked of a class, what it is worth, and within which limits.
# Keep this file from the students: course_key foretells the numbers that they are asked about.
"""


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The command with its own commands, each of which adds itself."""
    assignment = commands.add_parser(
        "assignment", help="set up the assignment of a class", description="Sets up the assignment of a class."
    )
    own = assignment.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (_add_new, rehearse.add):
        command(own)


def _add_new(commands: argparse._SubParsersAction[Parser]) -> None:
    new = commands.add_parser(
        "new",
        help="write an assignment to start from, and its template",
        description=f"Writes {FILE}, with every key, its default and a course key of its own, and {TEMPLATE}, "
        "the file that the students start from.",
    )
    new.add_argument(
        "folder", type=Path, metavar="FOLDER", help="where to write them; older files are left as they are"
    )
    new.set_defaults(command=_new)


def _new(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    title = folder.resolve().name
    texts = {FILE: assignment_file(title), TEMPLATE: STARTING_FILE.read_text(encoding="utf-8")}
    for path in (folder / name for name in texts):
        if path.exists() or path.is_symlink():
            fail(f"{path} is there already, and is left as it is; give another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).touch(mode=0o600 if name == FILE else 0o666, exist_ok=False)
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as e:
        fail(f"{folder} cannot be written to ({e.strerror}); give a folder that can be")
    print(f"{folder / FILE}: set the points and limits, and keep it from the students: it holds the course key")
    print(f"{folder / TEMPLATE}: give it to the students; they check their work with 'backproof check {TEMPLATE}'")
    return 0


def assignment_file(title: str) -> str:
    """The text of an assignment with that title, every key with its default, and a course key that nobody had before.

    A title that cannot be one, as that of the folder /, becomes another.
    """
    from compare.grade.assignment import Assignment, Limits  # noqa: PLC0415 - --help need not wait for pydantic
    from compare.grade.result import EQUATIONS  # noqa: PLC0415
    from compare.grade.words import printable  # noqa: PLC0415
    from compare.submission.conventions import ALLOWED, Conventions  # noqa: PLC0415

    allowed = {key: f"{words}\n# one of {json.dumps(ALLOWED[key])}" for key, words in CONVENTIONS.items()}
    points = {check: POINTS.get(check, 2) for check in EQUATIONS}
    top = _defaults(Assignment) | {
        "title": printable(title) or "Backpropagation",
        "course_key": secrets.token_urlsafe(24),
    }
    tables: dict[str, tuple[Mapping[str, Any], Mapping[str, str]]] = {
        "conventions": (vars(Conventions()), allowed),
        "points": (points, EQUATIONS),
        "prerequisites": ({"trajectory": ["update"]}, {"trajectory": "is run only for those whose update is right"}),
        "limits": (_defaults(Limits), _meanings(Limits)),
    }
    lines = [FIRST_LINES, *_lines({key: top[key] for key in top if key not in tables}, _meanings(Assignment))]
    for table, (values, meanings) in tables.items():
        described = Assignment.model_fields[table].description
        lines += [f"\n[{table}]  # {described}", *_lines(values, meanings)]
    return "\n".join(lines) + "\n"


def _defaults(model: type[BaseModel]) -> dict[str, Any]:
    return {name: field.default for name, field in model.model_fields.items()}


def _meanings(model: type[BaseModel]) -> dict[str, str]:
    return {name: f"{field.description} ({field.title})" for name, field in model.model_fields.items()}


def _lines(values: Mapping[str, Any], meanings: Mapping[str, str]) -> Iterator[str]:
    """A comment and a line of TOML for each, whose texts and lists are written as in JSON."""
    for key, value in values.items():
        yield f"# {meanings[key]}"
        yield f"{key} = {json.dumps(value, ensure_ascii=False)}"
