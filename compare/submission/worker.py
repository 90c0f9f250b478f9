"""The process in which somebody's code runs: ``python -m compare.submission.worker FILE [ADAPTER]``.

It loads the file, answers calls that come on its standard input, and keeps both pipes for itself: what the code
prints goes to standard error, and what it reads from standard input is at its end. NumPy is all that it imports.
"""

from __future__ import annotations

import faulthandler
import inspect
import os
import resource
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from compare.submission import wire
from compare.submission.loading import Loaded, Place, raised_at
from compare.submission.network_class import UPDATE, NetworkError

TRACEBACKS = "BACKPROOF_TRACEBACK_FD"  # the environment's name for where a hanging or dying worker says where it is


def main(paths: list[str]) -> None:
    """Load, tell what there is, and answer until nobody asks any more."""
    requests, replies = open(os.dup(0), "rb"), open(os.dup(1), "wb")  # noqa: SIM115 (open for as long as the process)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    traceback = int(os.environ.pop(TRACEBACKS, "2"))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable(traceback)
    sys.argv, sys.dont_write_bytecode = paths[:1], True
    hide()
    answers = Answers(paths)
    try:
        while True:
            request = wire.receive(requests)
            faulthandler.dump_traceback_later(request["seconds"], exit=True, file=traceback)
            reply = answers.to(request)
            faulthandler.cancel_dump_traceback_later()
            wire.send(replies, reply)
    except (EOFError, BrokenPipeError):
        os._exit(0)  # the code's own threads and exit handlers are not waited for


def hide() -> None:
    """Make room for modules of the code's own that have our packages' names."""
    if (root := str(Path(__file__).parents[2])) in sys.path:
        sys.path.remove(root)
    for name in [name for name in sys.modules if name.partition(".")[0] == "compare"]:
        del sys.modules[name]


class Answers:
    """What the code answers. A request is for "load", or for a function with its arguments.

    partly  a file that raises when it is loaded answers with what it has defined by then
    """

    def __init__(self, paths: list[str], partly: bool = False) -> None:
        self.paths, self.partly = paths, partly
        self.loaded: Loaded
        self.edits_in_place = False

    def to(self, request: dict[str, Any], form: Callable[[Any], Any] = wire.encode) -> Any:
        """The reply, in that form: what came back, or the error."""
        try:
            with warnings.catch_warnings(record=True) as warned:
                reply = self._load() if request["function"] == "load" else self._call(**request)
            return form(reply | {"warnings": [str(w.message)[:500] for w in warned[:10]]})
        except BaseException as e:  # whatever the code does, the process goes on
            return form({"error": self._described(e) | {"parameters": self._parameters(request["function"])}})

    def _load(self) -> dict[str, Any]:
        self.loaded = Loaded(self.paths, self.partly)
        broken = self.loaded.broken
        return self.loaded.described() | {"broken": self._described(broken) if broken else None}

    def _call(self, function: str, arguments: dict[str, Any], sizes: list[int], **_: Any) -> dict[str, Any]:
        if self.loaded.presented:
            self.loaded.presented.sizes = tuple(sizes)
        given = wire.through(arguments)
        value = self.loaded.functions[function](*given.values())
        modified = [name for key in arguments for name in edited(arguments[key], given[key], key)]
        if function == UPDATE and any(name.startswith(("weights", "biases")) for name in modified):
            self.edits_in_place = True  # a gradient of 0 edits nothing, and is an update all the same
        in_place = function == UPDATE and (self.edits_in_place or bool(self.loaded.presented))
        edits = given if value is None and in_place else None
        return {"value": value, "modified": modified, "edits": edits, "shares": shared(value, given)}

    def _parameters(self, function: str) -> list[str]:
        """The names that its arguments have in the code, if they can be told."""
        try:
            return list(inspect.signature(self.loaded.functions[function]).parameters)
        except (AttributeError, KeyError, TypeError, ValueError):  # nothing is loaded yet, or it is no Python function
            return []

    def _described(self, error: BaseException) -> dict[str, Any]:
        place: Place = raised_at(error, self.paths)
        try:
            message = str(error)[:500]
        except Exception as e:
            message = f"(its message raised {type(e).__name__})"
        kind = "network" if isinstance(error, NetworkError) else "raised"
        kind = "unwritten" if isinstance(error, NotImplementedError) else kind
        kind = "size" if isinstance(error, wire.WireError) else kind
        name = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
        return {"kind": kind, "type": type(error).__name__, "message": message, "place": place, "name": name}


def edited(before: Any, after: Any, name: str) -> Iterator[str]:
    """The names of the arguments, and of the arrays in those that are lists, that are not what they were."""
    if isinstance(before, list):
        if type(after) is not list or len(after) != len(before):
            yield name
            return
        for i, (b, a) in enumerate(zip(before, after, strict=True)):
            yield from edited(b, a, f"{name}[{i}]")
    elif isinstance(before, np.ndarray) and not (
        type(after) is np.ndarray
        and (before.dtype, before.shape) == (after.dtype, after.shape)
        and before.tobytes() == after.tobytes()
    ):
        yield name


def shared(value: Any, arguments: dict[str, Any]) -> list[tuple[list[int], str]]:
    """Which arrays of the value, by their indices in it, share memory with which argument."""
    named = [(key, path, array) for key, argument in arguments.items() for path, array in leaves(argument, ())]
    whole = {id(argument) for _, _, argument in named}
    return [
        (list(path), key + "".join(f"[{i}]" for i in at))
        for path, array in leaves(value, ())
        if array.base is not None or id(array) in whole
        for key, at, argument in named
        if array is argument or np.may_share_memory(array, argument)  # bounds suffice
    ]


def leaves(value: Any, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """The arrays in nested lists and tuples, with the indices that lead to each."""
    if isinstance(value, np.ndarray):
        yield path, value
    elif isinstance(value, list | tuple) and len(path) < 3:
        for i, item in enumerate(value):
            yield from leaves(item, (*path, i))


if __name__ == "__main__":
    main([os.path.abspath(path) for path in sys.argv[1:]])
