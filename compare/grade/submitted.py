"""What one student handed in: what is found out of a class's files, and what is graded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Submitted:
    """What one student handed in.

    student  made printable, at most 100 characters, and no other student's
    source   the Python text, or nothing
    name     the file's, for messages
    problem  one plain sentence if it cannot be graded; else nothing
    beside   the modules that it may import, by their paths from its folder on
    """

    student: str
    source: bytes
    name: str
    problem: str = ""
    beside: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def module(self) -> str:
        """What its file is called where it is run: its own name, if others may import it by that."""
        own = self.name.rpartition(".")[0]
        return f"{own}.py" if self.beside and own.isidentifier() and own.isascii() else "submission.py"
