"""``backproof export gradescope`` from its options to its exit code: the zip with all that a container needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from secrets import token_hex
from typing import NoReturn
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from compare.grade.assignment_file import AssignmentError, load
from compare.grade.exporting import scripts
from compare.grade.formats import FORMATS
from compare.grade.result import Result

PACKAGES = ("compare", "scratch", "torch_ref")
ENDINGS = (".py", ".html")
LICENSES = ("licenses/LICENSE", "../LICENSE")  # of an installed program; of one in its own repository
EXECUTABLE, PLAIN = 0o100755, 0o100644
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # of two zips with the same in it, the bytes are the same


def export_job(assignment: Path, out: Path, unsafe: bool, fail: Callable[[str], NoReturn]) -> int:
    """Write the zip, and give the exit code; ``fail`` is called with one sentence if that is not possible."""
    if out.suffix.lower() != ".zip":
        fail(f"{out} is no name of a zip; give one that ends with .zip")
    try:
        put_zip(out, contents(assignment, unsafe))
    except AssignmentError as e:
        fail(str(e))
    except PackageNotFoundError:
        fail("the program is not installed, so what it needs is not known; install it with pip")
    except OSError as e:
        fail(f"{out} cannot be written ({e.strerror}); give a file in a folder that can be written to")
    print(f"{out}: upload it to Gradescope as the autograder, and keep it from the students: it holds the course key")
    if unsafe:
        print("without a sandbox, a submission can read the course key there, and write its own score")
    return 0


def contents(assignment: Path, unsafe: bool) -> Iterator[tuple[str, bytes]]:
    """All files, by their paths in the zip. Raises AssignmentError, OSError and PackageNotFoundError."""
    title = load(assignment).title
    program = distribution("backproof")
    not_graded = FORMATS["gradescope"]([Result("", "not graded", [])], title, "visible")
    yield "setup.sh", scripts.setup(program.requires or []).encode()
    yield "run_autograder", scripts.run(not_graded, unsafe).encode()
    yield "assignment.toml", assignment.read_bytes()
    for text in list(filter(None, map(program.read_text, LICENSES)))[:1]:
        yield "LICENSE", text.encode()
    for package in PACKAGES:
        yield from _files(files(package), package)


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    """Those of the program itself: no data sets, and nothing compiled."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        inside = f"{path}/{entry.name}"
        if entry.is_dir():
            yield from _files(entry, inside)
        elif entry.name.endswith(ENDINGS):
            yield inside, entry.read_bytes()


def put_zip(path: Path, members: Iterator[tuple[str, bytes]]) -> None:
    """Write it beside, and put it in its place. Raises OSError."""
    beside = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        with ZipFile(beside, "x", ZIP_DEFLATED) as zipped:
            for name, data in members:
                zipped.writestr(_info(name), data)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name, LONG_AGO)
    info.external_attr = (EXECUTABLE if name in ("setup.sh", "run_autograder") else PLAIN) << 16
    info.create_system = 3  # Unix, whose modes these are
    info.compress_type = ZIP_DEFLATED
    return info
