"""The modules that a student's file may import: those that lie beside it, and are the student's own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from compare.grade.finding.entries import MB, Entry, Refused

MOST_FILES = 50
MOST_BYTES = 1 * MB  # of one
MODULE = re.compile(r"(?:.*/)?([A-Za-z_]\w*\.py)", re.ASCII | re.DOTALL)


def beside(name: str, others: Mapping[str, Entry]) -> dict[str, bytes]:
    """The bytes of each, by the name of its file; ``name`` is that of the file itself, with its folders.

    What is too large to be a module, is not: an import of it will fail, and be told. Of more files than anybody hands
    in none is.
    """
    found: dict[str, bytes] = {}
    for path, entry in sorted(others.items()) if len(others) <= MOST_FILES else ():
        module = MODULE.fullmatch(path)
        if module and path.rpartition("/")[0] == name.rpartition("/")[0]:
            try:
                found[module[1]] = entry.read(MOST_BYTES)
            except Refused:
                continue
    return found
