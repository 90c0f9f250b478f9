"""The file of a submission brought to life, or refused in one sentence: its worker, and what it offers."""

from __future__ import annotations

import os
import re
import tokenize
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from compare.submission.network_class import METHODS
from compare.submission.process import MOST_PRINTED, STARTING, Died, Endless, Silence, Worker

Place = tuple[str, int] | None
MOST_SOURCE = 10 << 20
LONGEST = 86_400  # seconds
MAIN_GUARD = 'put what it runs under if __name__ == "__main__":'


class SubmissionError(Exception):
    """The file could not be run at all; one sentence, with ``file`` and ``line`` where there are such."""

    def __init__(self, sentence: str, file: str | None = None, line: int | None = None) -> None:
        where = f"{file}, line {line}: " if line else f"{file}: " if file else ""
        super().__init__(where + sentence)
        self.sentence, self.file, self.line = sentence, file, line


class Host:
    """Keeps a worker for the file, and starts another one after one was ended.

    offers     the functions that it has, with the file and line of each; one that is not written leaves it when called
    network    the name of the class that they are the methods of, or ""
    stated     its dict ``conventions``, or None
    broken     why only a part of it is loaded, where its worker is content with that
    """

    def __init__(
        self, path: Path, adapter: Path | None, seconds: float, start: Callable[[list[str]], Any] | None = None
    ) -> None:
        """``start`` makes the worker of the absolute paths, in place of Worker.

        Raises SubmissionError if it cannot be run, or offers nothing; ValueError if ``seconds`` is no time.
        """
        self.given = {os.path.abspath(p): str(p) for p in (path, adapter) if p is not None}
        if not 0 < seconds <= LONGEST:
            raise ValueError(f"seconds is {seconds}, must be above 0 and at most {LONGEST}")
        self.file, self.seconds, self.closed = str(path), seconds, False
        self.warnings: list[str] = []
        for file in (path, adapter):
            if file is not None:
                check_source(file)
        self._start = start or Worker
        self.worker, hello = self._started()
        self.offers: dict[str, Place] = {name: self.shown(place) for name, place in hello["offers"].items()}
        self.network, self.stated = hello["network"], hello["conventions"]
        self.broken = self._failed(hello["broken"]) if hello["broken"] else None
        if not self.offers:
            self.close()
            raise SubmissionError(
                f"it has none of the functions sigmoid, sigmoid_prime, {', '.join(METHODS)}, and no class Network with "
                "methods of these names; see `backproof template`",
                str(adapter or path),
            )

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The reply. Raises Silence where there is none, SubmissionError where the worker cannot be started again.

        Raises ValueError after ``close``.
        """
        if self.closed:
            raise ValueError(f"the submission {self.file} is closed")
        if not self.worker.close.alive:
            printed = self.worker.printed
            self.worker, _ = self._started()
            self.worker.printed = (printed + self.worker.printed)[-MOST_PRINTED:]
        try:
            reply: dict[str, Any] = self.worker.ask(request, self.seconds)
        except Silence as e:
            e.place = self.shown(e.place)
            raise
        self.warnings += [w for w in reply.get("warnings", []) if w not in self.warnings]
        if error := reply.get("error"):
            error["place"] = self.shown(error["place"])
        return reply

    def shown(self, place: Any) -> Place:
        """A file and line, the file as the caller wrote it."""
        return (self.given.get(place[0], place[0]), place[1]) if place else None

    def close(self) -> None:
        """End the worker, and all that it started."""
        self.closed = True
        self.worker.close()

    def _started(self) -> tuple[Worker, dict[str, Any]]:
        try:
            worker = self._start(list(self.given))
        except OSError as e:
            raise SubmissionError(f"its process could not be started: {e}", self.file) from e
        try:
            reply = worker.ask({"function": "load"}, self.seconds, STARTING)
        except Silence as e:
            file, line = self.shown(e.place) or (self.file, None)
            raise SubmissionError(_unanswered(e, self.seconds), file, line) from e
        if error := reply.get("error"):
            worker.close()
            raise self._failed(error)
        return worker, reply

    def _failed(self, error: dict[str, Any]) -> SubmissionError:
        file, line = self.shown(error["place"]) or (self.file, None)
        return SubmissionError(_failed(error), file, line)


def _unanswered(silence: Silence, seconds: float) -> str:
    if isinstance(silence, Endless):
        return f"had not finished loading after {seconds:g} s; {MAIN_GUARD}, or give more with --seconds"
    assert isinstance(silence, Died)
    return f"ended while it was loaded: {silence}"


def _failed(error: dict[str, Any]) -> str:
    """Why loading failed, in a sentence that follows file and line."""
    kind, message = error["type"], error["message"]
    if kind in ("SyntaxError", "IndentationError", "TabError"):
        return "is not Python: " + re.sub(r" \([^()]*, line [0-9]+\)$", "", message)  # its place is told before it
    if kind == "ModuleNotFoundError":
        return f"imports {error['name']}, and there is no module of that name here"
    if kind == "SystemExit":
        return f"ends the program when it is loaded; {MAIN_GUARD}"
    if kind == "TakesTooLong":
        return f"had not finished loading after {message}; {MAIN_GUARD}"
    if kind == "EOFError":
        return f"asks for input when it is loaded, and there is nobody to type it; {MAIN_GUARD}"
    return f"raised {kind} when it was loaded" + (f": {message}" if message else "")


def check_source(path: Path) -> None:
    """Raises SubmissionError if that is no file of Python text."""
    if not path.exists():
        raise SubmissionError("there is no such file", str(path))
    if not path.is_file():
        raise SubmissionError("that is a folder; give the .py file" if path.is_dir() else "that is no file", str(path))
    if path.suffix == ".ipynb":
        raise SubmissionError("that is a notebook; save it as a .py file (jupyter nbconvert --to script)", str(path))
    try:
        with path.open("rb") as file:
            source = file.read(MOST_SOURCE + 1)
    except OSError as e:
        raise SubmissionError(f"cannot be read: {e.strerror}", str(path)) from e
    if len(source) > MOST_SOURCE:
        raise SubmissionError(f"is larger than {MOST_SOURCE:,} bytes", str(path))
    if b"\0" in source:
        raise SubmissionError("is no Python text: it has null bytes", str(path), _line(source, source.index(b"\0")))
    _check_encoding(source, str(path))


def _check_encoding(source: bytes, path: str) -> None:
    encoding, unknown = "utf-8", None
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(source).readline)
    except SyntaxError as e:
        unknown = e  # the encoding that it states; or else its first two lines are no UTF-8
    try:
        source.decode(encoding)
    except UnicodeDecodeError as e:
        sentence = f"byte {source[e.start]:#04x} is not {e.encoding.upper()}; save the file as UTF-8"
        raise SubmissionError(sentence, path, _line(source, e.start)) from e
    if unknown:
        raise SubmissionError(f"states an encoding that there is not ({unknown.msg}); save it as UTF-8", path)


def _line(source: bytes, at: int) -> int:
    return source.count(b"\n", 0, at) + 1
