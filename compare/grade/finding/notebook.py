"""A Jupyter notebook as the Python file that its code cells are; nothing of it is run.

A line that is IPython's and not Python's (%matplotlib inline, !pip install numpy, np.dot?) becomes ``pass`` with the
line behind it as a comment, so that all other lines stay the lines they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from compare.grade.words import printable

RUNS_PYTHON = ("capture", "prun", "time", "timeit")  # %% magics whose cell is Python all the same
_REST = r"(?:[^\\\n]|\\.)*+"  # of a line, with the lines that a backslash joins to it
MAGIC = re.compile(
    rf"[ \t]*+(?:[%!?]{_REST}"  # %time f(), !ls, ?f
    rf"|[\w.*\[\]]++\?{{1,2}}[ \t]*+(?=\n|\Z)"  # f?
    rf"|[\w., \t\[\]]++=[ \t]*+[%!]{_REST})",  # files = !ls
    re.DOTALL,
)
TOKEN = re.compile(  # what brackets, quotes and ends of lines there are, outside of strings and comments
    r"""\#[^\n]*+ | \"{3}(?:\\.|[^\\])*?(?:\"{3}|\\?\Z) | '{3}(?:\\.|[^\\])*?(?:'{3}|\\?\Z)
    | "(?:\\.|[^"\\\n])*+"? | '(?:\\.|[^'\\\n])*+'? | \\\n | [()\[\]{}\n]""",
    re.DOTALL | re.VERBOSE,
)


class NotebookError(Exception):
    """No notebook, or none in Python; in a sentence about "it"."""


def python_of(notebook: bytes) -> bytes:
    """The code cells of a notebook, of nbformat 3 or 4, one after another, as UTF-8. Raises NotebookError.

    Cells of nbgrader that only test, which nobody is to edit, are the teacher's, and are left out.
    """
    try:
        whole = json.loads(notebook.decode("utf-8-sig"))
    except (ValueError, RecursionError) as e:
        raise NotebookError("is no notebook, as it is not JSON; save it in Jupyter once more") from e
    try:
        _must_be_python(whole.get("metadata", {}))
        texts = [(number, _text(cell)) for number, cell in _code_cells(whole)]
    except (AttributeError, TypeError, KeyError) as e:
        raise NotebookError("is JSON, but no notebook that has cells; save it in Jupyter once more") from e
    source = "\n\n".join(f"# cell {number}\n{as_python(text)}" for number, text in texts)
    return f"{source}\n".encode("utf-8", "replace") if texts else b""


def _must_be_python(metadata: dict[str, Any]) -> None:
    kernel = metadata.get("kernelspec", {}).get("language")
    language = metadata.get("language_info", {}).get("name", kernel) or "python"
    if not str(language).lower().startswith(("python", "ipython")):
        raise NotebookError(f"is a notebook in {printable(str(language), 30)}; hand in one in Python")


def _code_cells(whole: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The student's, and their numbers among all cells, from 1 on."""
    cells = whole["cells"] if "cells" in whole else [c for sheet in whole["worksheets"] for c in sheet["cells"]]
    for number, cell in enumerate(cells, 1):
        grading = cell.get("metadata", {}).get("nbgrader", {})
        if cell["cell_type"] == "code" and not (grading.get("grade") and not grading.get("solution")):
            yield number, cell


def _text(cell: dict[str, Any]) -> str:
    """Its source, which is a text or a list of lines; nbformat 3 calls it input."""
    source = cell["source"] if "source" in cell else cell["input"]
    return source if isinstance(source, str) else "".join(source)


def as_python(cell: str) -> str:
    """The text of a cell without IPython's own; it has as many lines as before."""
    cell = cell.replace("\r\n", "\n").replace("\r", "\n")
    magic = re.match(r"\s*%%(\w*)", cell)
    if magic and magic[1] not in RUNS_PYTHON:
        return "\n".join(f"# {line}" for line in cell.split("\n"))
    return "".join(_replaced(cell))


def _replaced(cell: str) -> Iterator[str]:
    """A magic can only begin a line that continues no other: not within brackets, a string, or after a backslash."""
    at, depth, begins = 0, 0, True
    while at < len(cell):
        if begins and (magic := MAGIC.match(cell, at)):
            yield _passed(magic[0])
            at, begins = magic.end(), False
            continue
        token = TOKEN.search(cell, at)
        if token is None:
            break
        depth = max(0, depth + (token[0] in "([{") - (token[0] in ")]}"))
        begins = token[0] == "\n" and depth == 0
        yield cell[at : token.end()]
        at = token.end()
    yield cell[at:]


def _passed(magic: str) -> str:
    """The line, and those joined to it, as ``pass`` at the same indentation and comments."""
    indentation = magic[: len(magic) - len(magic.lstrip(" \t"))]
    return indentation + "pass  # " + magic.lstrip(" \t").replace("\n", "\n# ")
