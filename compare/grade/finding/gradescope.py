"""Who handed in what, by the file that Gradescope puts beside a class's submissions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress

from compare.grade.finding.entries import Entry, Refused
from compare.grade.finding.zips import MOST_INFLATED

METADATA = "submission_metadata.yml"


def submitters(entries: Iterable[Entry]) -> dict[str, list[str]]:
    """Who handed in each folder of Gradescope's export: the student ids, or else the addresses or names."""
    for entry in entries:
        if entry.path == METADATA and not entry.problem:
            with suppress(Refused):
                return _submitters(entry.read(MOST_INFLATED).decode("utf-8", "replace"))
    return {}


def _submitters(metadata: str) -> dict[str, list[str]]:
    """Of the YAML that Gradescope writes, what is needed: the list :submitters: of every folder."""
    people: dict[str, list[dict[str, str]]] = {}
    here: list[dict[str, str]] | None = None
    folder = ""
    for line in metadata.split("\n"):
        if top := re.match(r"(submission_\d+)(?:\.\w+)?:\s*\Z", line):
            folder, here = top[1], None
        elif folder and re.fullmatch(r"  :submitters:\s*", line):
            here = people.setdefault(folder, [])
        elif here is not None and (item := re.match(r"  (- |  ):(\w+):\s*(.*?)\s*\Z", line)):
            here += [{}] if item[1] == "- " or not here else []
            here[-1][item[2]] = _scalar(item[3])
        else:
            here = None
    ids = {
        folder: [p.get("sid") or p.get("email") or p.get("name") or folder for p in people[folder]] for folder in people
    }
    return {folder: list(dict.fromkeys(who)) for folder, who in ids.items() if who}


def _scalar(text: str) -> str:
    if text.startswith('"'):
        with suppress(ValueError):
            return str(json.loads(text))
    quoted = text[1:-1].replace("''", "'") if text.startswith("'") else text.strip('"')
    return "" if quoted in ("~", "null") else quoted
