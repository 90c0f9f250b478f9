"""In place of matplotlib and IPython, where a submission is graded: whatever is drawn, nothing comes of it.

Many a notebook begins with ``import matplotlib.pyplot as plt``; it is right or wrong without its pictures.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

NAMES = ("matplotlib", "matplotlib.pyplot")


class Nothing(ModuleType):
    """A module, a figure, a line: every attribute and every call of it is another one of them."""

    def __getattr__(self, name: str) -> Nothing:
        """Raises AttributeError for the names that Python itself asks a module for."""
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing(name)

    def __call__(self, *_: Any, **__: Any) -> Nothing:
        """Draws nothing."""
        return Nothing("nothing")

    def __iter__(self) -> Iterator[Nothing]:
        """Two, as ``fig, ax = plt.subplots()`` wants them."""
        return iter((Nothing("first"), Nothing("second")))

    def __getitem__(self, _: Any) -> Nothing:
        """One of several axes."""
        return Nothing("one")

    def __enter__(self) -> Nothing:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def draw_nothing() -> None:
    """From now on, in this process, which has no notebook's functions either, and was started without ``exit``."""
    vars(builtins).update(display=Nothing("display"), get_ipython=Nothing("get_ipython"), exit=sys.exit, quit=sys.exit)
    for name in NAMES:
        sys.modules[name] = Nothing(name)
    setattr(sys.modules["matplotlib"], "pyplot", sys.modules["matplotlib.pyplot"])  # noqa: B010 - mypy: no such name
