"""The warm process from its start: ``python -I -S zygote.py``, its standard input a socket to the grader.

It can import the standard library, and of all else the packages that the grader names, each from its own folder.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class Only:
    """Finds the packages of these names, in these folders."""

    def __init__(self, folders: dict[str, str]) -> None:
        self.folders = folders

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Its parts are found by Python's own finder, in the package's folder."""
        return PathFinder.find_spec(name, [self.folders[name]]) if name in self.folders else None


def main() -> None:
    """Tell that all is ready, or why not, and serve until the grader hangs up."""
    control = socket.socket(fileno=0)
    settings = json.loads(line(control))
    finder = Only(settings["folders"])
    sys.meta_path.insert(0, finder)
    try:
        from compare.grade.sandbox.serving import Server  # noqa: PLC0415 (can be found from here on)

        server = Server(control, settings)
    except BaseException as e:
        control.sendall(json.dumps({"error": f"{type(e).__name__}: {e}"}).encode() + b"\n")
        raise
    sys.meta_path.remove(finder)
    server.serve()


def line(control: socket.socket) -> bytes:
    """What the grader sends first."""
    received = b""
    while not received.endswith(b"\n"):
        if not (more := control.recv(1 << 16)):
            raise EOFError("the grader has gone")
        received += more
    return received


if __name__ == "__main__":
    main()
