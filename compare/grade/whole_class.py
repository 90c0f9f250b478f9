"""What a folder of results is about, in its ``class.json``: the assignment, and everybody who handed in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from compare.grade.telling.files import put_other

FILE = "class.json"


@dataclass(frozen=True)
class Class:
    """What all parts of a class have in common.

    assignment  its fingerprint
    students    of the whole class, be they graded in this part or in another
    """

    title: str
    assignment: str = ""
    students: tuple[str, ...] = ()

    def write(self, folder: Path) -> None:
        """Raises OSError."""
        put_other(folder / FILE, json.dumps(vars(self), ensure_ascii=False) + "\n")


def read(folder: Path) -> Class | None:
    """As it was written; None where there is none."""
    try:
        given = json.loads((folder / FILE).read_text(encoding="utf-8"))
        found = Class(given["title"], given["assignment"], tuple(given["students"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if all(isinstance(text, str) for text in (found.title, found.assignment, *found.students)) else None
