"""The modules that a student's file may import: those that lie beside it, and are the student's own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from compare.grade.finding.entries import MB, Entry, Refused

MOST_FILES = 50
MOST_BYTES = 1 * MB  # of one
MODULE = re.compile(r"(?:[A-Za-z_]\w*/)*[A-Za-z_]\w*\.py", re.ASCII)


def beside(name: str, others: Mapping[str, Entry]) -> dict[str, bytes]:
    """The bytes of each, by its path from the file's folder on; ``name`` is that of the file itself, with its folders.

    What is too large to be a module, is not: an import of it will fail, and be told. Of more files than anybody hands
    in none is.
    """
    folder, found = name[: name.rfind("/") + 1], {}
    below = {path.removeprefix(folder): others[path] for path in sorted(others) if path.startswith(folder)}
    modules = {path: entry for path, entry in below.items() if MODULE.fullmatch(path)}
    for path, entry in modules.items() if len(modules) <= MOST_FILES else ():
        try:
            found[path] = entry.read(MOST_BYTES)
        except Refused:
            continue
    return found
