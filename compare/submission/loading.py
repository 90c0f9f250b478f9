"""Loading somebody's file as a module, in the worker, and where in it something is or happened."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Mapping
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any

from compare.submission.below import define_below
from compare.submission.network_class import METHODS, OF_Z, NetworkError, Presented

FUNCTIONS = (*OF_Z, *METHODS)
NAMES = ("submission", "adapter")  # of their modules; the submission's folder comes first on the path
MOST_LINES = 1 << 31  # a file may raise a SyntaxError of its own, of any line
Place = tuple[str, int] | None


class FromSource(SourceFileLoader):
    """Reads the source itself, never a .pyc, which can be older than the file by less than its clock shows."""

    def get_code(self, fullname: str) -> CodeType:
        """The compiled file. Raises SyntaxError, and OSError."""
        return self.source_to_code(self.get_data(self.path), self.path)


def load(path: str, name: str, at: int) -> ModuleType:
    """The file as a module, importable by that name, its folder on the path. Raises whatever the file does."""
    sys.path.insert(at, os.path.dirname(path))
    loader = FromSource(name, path)
    spec = spec_from_loader(name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


class Loaded:
    """A file, and its adapter if it has one: the functions of the interface that they offer, and where these are."""

    def __init__(self, paths: list[str], partly: bool = False) -> None:
        """The first path is the submission's, the second the adapter's. Raises whatever the files do.

        ``partly``: of a file that raises, what it defines all the same, if that is anything; ``broken`` is what it
        raised.
        """
        self.broken: BaseException | None = None
        modules = []
        for at, (path, name) in enumerate(zip(paths, NAMES, strict=False)):
            try:
                modules.append(load(path, name, at))
            except BaseException as e:
                if not partly:
                    raise
                self.broken = e
                modules.append(sys.modules[name])
                define_below(sys.modules[name], Path(path).read_bytes(), path, e)
        self.paths, self.presented = paths, None
        names: Mapping[str, Any] = vars(modules[-1])
        self.functions = {n: names[n] for n in FUNCTIONS if callable(names.get(n))}
        name, network = _network(names)
        none = not self.functions.keys() & set(METHODS)
        if network and (none or len(_written(_methods(network))) > len(_written(names))):
            self.presented = Presented(network, name)
            self.functions = self.presented.functions() | {n: f for n, f in self.functions.items() if n in OF_Z}
        if self.broken and not self.functions:
            raise self.broken
        stated = [vars(module).get("conventions") for module in reversed(modules)]
        self.conventions = next((c for c in stated if isinstance(c, dict)), None)

    def described(self) -> dict[str, Any]:
        """What the parent has to know."""
        network = self.presented.network if self.presented else None
        presented = {n for n, f in self.functions.items() if network and getattr(f, "__self__", None) is self.presented}
        own = {n: getattr(network, n) if n in presented else f for n, f in self.functions.items()}
        places = {name: defined_at(function, self.paths) for name, function in own.items()}
        return {
            "offers": places,
            "network": self.presented.name if self.presented else "",
            "conventions": self.conventions,
        }


def _network(names: Mapping[str, Any]) -> tuple[str, type | None]:
    """The class Network; or else the only one that has backprop and another of the methods. And its name."""
    classes = {value: name for name, value in names.items() if isinstance(value, type) and name.isidentifier()}
    found = {name: c for c, name in classes.items() if "backprop" in (has := _written(_methods(c))) and len(has) > 1}
    if isinstance(network := names.get("Network"), type):
        return "Network", network
    return found.popitem() if len(found) == 1 else ("", None)


def _methods(network: type) -> dict[str, Any]:
    return {name: getattr(network, name, None) for name in METHODS}


def _written(names: Mapping[str, Any]) -> set[str]:
    """The methods among them that do something: one that is still to be done names nothing but the error it raises."""
    codes = {name: getattr(names.get(name), "__code__", None) for name in METHODS if callable(names.get(name))}
    return {name for name, code in codes.items() if code is None or set(code.co_names) - {"NotImplementedError"}}


def defined_at(function: Callable[..., Any] | None, paths: list[str]) -> Place:
    """Where a function is defined, if it is in one of the files."""
    code = getattr(inspect.unwrap(function) if function else None, "__code__", None)
    return (code.co_filename, code.co_firstlineno) if isinstance(code, CodeType) and code.co_filename in paths else None


def raised_at(error: BaseException, paths: list[str]) -> Place:
    """The deepest line of the files that led to the error; of a syntax error, where it is."""
    if isinstance(error, NetworkError):
        return raised_at(error.__cause__, paths) if error.__cause__ else None
    place = _stated(error) if isinstance(error, SyntaxError) else None
    return place or deepest(error.__traceback__, paths)


def _stated(error: SyntaxError) -> Place:
    """Where it says that it is; not if that is in a text given to eval, or in a line that no file has."""
    file, line = error.filename, error.lineno
    return (file, line) if file and line and not file.startswith("<") and 0 < line < MOST_LINES else None


def deepest(traceback: TracebackType | None, paths: list[str]) -> Place:
    """The innermost frame of a traceback that lies in one of the files."""
    place = None
    while traceback:
        if (file := traceback.tb_frame.f_code.co_filename) in paths:
            place = (file, traceback.tb_lineno)
        traceback = traceback.tb_next
    return place
