"""A JSON file: whole, or not there at all."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from torch_ref.folder import LogError


class JsonFile:
    """Finds out before the run whether the file can be written; writes beside it and renames, so no half is left."""

    def __init__(self, path: Path | None) -> None:
        """None writes nothing."""
        self.path = path

    def __enter__(self) -> JsonFile:
        """Make the new file beside the old. Raises LogError where that is not possible."""
        if self.path is not None:
            try:
                self._begin(self.path)
            except OSError as e:
                raise self._error(e) from e
        return self

    def _begin(self, path: Path) -> None:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        self._target = self._beside = path
        if not path.exists() or path.is_file():  # a pipe or a device is written into, and never replaced
            self._target = path.resolve()
            handle, name = tempfile.mkstemp(dir=self._target.parent, prefix=f".{self._target.name}.")
            os.close(handle)
            self._beside = Path(name)

    def write(self, content: Mapping[str, Any]) -> None:
        """Write it and put it in its place. Raises LogError where that is not possible, on a full disk say."""
        if self.path is not None:
            try:
                self._beside.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n")
                if self._beside != self._target:
                    self._beside.chmod(0o666 & ~_umask())
                    self._beside.replace(self._target)
            except OSError as e:
                raise self._error(e) from e

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing half-written."""
        if self.path is not None and self._beside != self._target:
            self._beside.unlink(missing_ok=True)

    def _error(self, e: OSError) -> LogError:
        return LogError(f"--json {self.path} cannot be written ({e.strerror}); give a file in a folder that can be")


def _umask() -> int:
    """What the user does not grant; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
