"""Owns how values are written as Python: exactly, and broken into lines that are not too long."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

WIDTH = 120


def text(value: str) -> str:
    """A string in double quotes."""
    return json.dumps(value, ensure_ascii=False)


def statement(name: str, value: Any, indent: int = 0) -> str:
    """``name = value`` for nested lists and tuples of arrays, strings and floats, indented."""
    start = " " * indent + f"{name} = "
    return start + _written(_tree(value), indent, len(start))


def _tree(value: Any) -> Any:
    """A string, or an opening bracket, the trees between, and the closing bracket."""
    if isinstance(value, np.ndarray):
        dtype = [] if value.dtype == np.float64 else [f"np.{value.dtype.name}"]
        return "np.array(", [_tree(value.tolist()), *dtype], ")"
    if isinstance(value, tuple):
        return "(", [_tree(v) for v in value], ")" if len(value) != 1 else ",)"
    if isinstance(value, list):
        return "[", [_tree(v) for v in value], "]"
    if isinstance(value, str):
        return text(value)
    return _number(value)


def _number(value: float) -> str:
    """The shortest decimal that is read as the very same number."""
    return repr(value) if np.isfinite(value) else f'float("{value}")'


def _flat(tree: Any) -> str:
    return tree if isinstance(tree, str) else tree[0] + ", ".join(map(_flat, tree[1])) + tree[2]


def _written(tree: Any, indent: int, used: int, after: int = 0) -> str:
    """On one line, of which some is used before and after it, if that is not too long; else a line for each part."""
    if isinstance(tree, str) or used + len(flat := _flat(tree)) + after <= WIDTH:
        return _flat(tree) if isinstance(tree, str) else flat
    begin, parts, end = tree
    return f"{begin}\n{_lines(parts, indent + 4)}{' ' * indent}{end}"


def _lines(parts: Sequence[Any], indent: int) -> str:
    return "".join(f"{' ' * indent}{_written(part, indent, indent, 1)},\n" for part in parts)
