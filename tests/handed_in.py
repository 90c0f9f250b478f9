"""What a class hands in: files, zips and exports, made for a test."""

from __future__ import annotations

import io
import json
import struct
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path

from compare.grade.submitted import Submitted

PROGRAM = b"import numpy as np\n"
PROGRAM_SUM = struct.pack("<I", zlib.crc32(PROGRAM))
NOTEBOOK = json.dumps({"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "source": "a = 1"}]}).encode()
METADATA = """---
submission_101:
  :submitters:
  - :name: Ada Lovelace
    :sid: '3001'
    :email: ada@example.edu
  :created_at: 2026-01-07 12:00:00.000000000 Z
  :score: 10.0
  :results:
    tests:
    - output: |
        :sid: 'none of it'
  :history:
  - :id: 100
    :submitters:
    - :sid: '999'
submission_102:
  :submitters:
  - :name: "J\\u00fcrgen O'Neil"
    :sid: ''
    :email:
  - :name: 'Alan ''T'' Turing'
    :sid:
    :email: alan@example.edu
"""


@contextmanager
def a_folder():
    """For checks in which faults are planted, which are called without fixtures."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def handed_in(folder: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def zipped(files: dict[str, bytes] | list[tuple[str, bytes]]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for path, content in files.items() if isinstance(files, dict) else files:
            made.writestr(path, content)
    return data.getvalue()


def member(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def sources(found: list[Submitted]) -> dict[str, bytes]:
    assert not [submitted for submitted in found if submitted.problem]
    return {submitted.student: submitted.source for submitted in found}
