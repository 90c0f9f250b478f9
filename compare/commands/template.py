"""``backproof template``: a file to start from."""

from __future__ import annotations

import argparse
from pathlib import Path

from torch_ref.parser import Parser, fail

STARTING_FILE = Path(__file__).parent.parent / "submission" / "starting_file.py"


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The command and its options."""
    template = commands.add_parser(
        "template",
        help="write a file to start from: the functions, their shapes and equations",
        description="Writes a Python file with the functions that 'backproof check' looks for: shapes and equations in "
        "their docstrings, and nothing in them yet.",
    )
    template.add_argument("file", type=Path, metavar="FILE", help="where to write it; an older file is left as it is")
    template.set_defaults(command=_template)


def _template(arguments: argparse.Namespace) -> int:
    try:
        with arguments.file.open("x", encoding="utf-8") as file:
            file.write(STARTING_FILE.read_text(encoding="utf-8"))
    except FileExistsError:
        fail(f"{arguments.file} is there already, and is left as it is; give another name")
    except OSError as e:
        fail(f"{arguments.file} cannot be written ({e.strerror}); give a file in a folder that can be")
    print(f"{arguments.file}: fill in the functions, then run 'backproof check {arguments.file}'")
    return 0
