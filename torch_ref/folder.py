"""Owns the folder of a run: it is always a new one, and what stands in its way is said in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

LONGEST = 100  # characters: file systems allow 255 bytes


class LogError(Exception):
    """A log that cannot be written, in one sentence."""


def new_run_folder(logdir: Path, name: str) -> Path:
    """Make and return logdir/name, or name_2, name_3 … where that is taken: no run writes over an older one.

    Of a name of more than LONGEST characters the middle is left out: a deep network has many widths.
    Two processes that ask at once get two folders. Raises LogError if none can be made.
    """
    if Path(name).name != name or name in ("", "..") or "\0" in name:
        raise LogError(
            f"{name!r} cannot name the folder of a run; a name without a slash was expected: "
            "say with --logdir where the folder goes"
        )
    if len(name) > LONGEST:
        name = f"{name[: LONGEST // 2 - 3]}...{name[-LONGEST // 2 :]}"
    try:
        logdir.mkdir(parents=True, exist_ok=True)
        return next(folder for folder in _candidates(logdir / name) if _made(folder))
    except OSError as e:
        raise LogError(
            f"--logdir is {str(logdir)!r}, where no folder for the run can be made ({reason(e)}); "
            "give with --logdir a folder that can be written to"
        ) from e


def reason(e: OSError) -> str:
    """What the system says of the error, without its number and path; plain words where a file is in the way."""
    if isinstance(e, FileExistsError | NotADirectoryError):
        return "a file is in the way"
    return e.strerror or str(e)


def _candidates(folder: Path) -> Iterator[Path]:
    yield folder
    for number in count(2):
        yield folder.with_name(f"{folder.name}_{number}")


def _made(folder: Path) -> bool:
    """Whether the folder is ours: to look first and make it then would leave time for another process."""
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    return True
