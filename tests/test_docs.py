"""What the docs name exists."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
PAGES = [*DOCS.glob("*.md"), *(DOCS / "decisions").glob("*.md")]
NAMES = sorted(
    {name for page in PAGES for name in re.findall(r"`((?:scratch|torch_ref|compare)(?:\.\w+)+)`", page.read_text())}
)
FILES = sorted(
    {
        name
        for page in PAGES
        for name in re.findall(r"`((?:tests|scratch|compare|torch_ref)/[\w/]+\.py)`", page.read_text())
    }
)


def resolve(name):
    """The object of that dotted name; AttributeError where there is none."""
    parts = name.split(".")
    for i in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:i]))
        except ModuleNotFoundError:
            continue
        for part in parts[i:]:
            found = getattr(found, part, None) or found.__annotations__[part]
        return found
    raise AttributeError(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_the_docs_exists(name):
    resolve(name)


@pytest.mark.parametrize("name", FILES)
def test_a_file_in_the_docs_exists(name):
    assert (DOCS.parent / name).exists()


def test_a_name_that_does_not_exist_is_noticed():
    assert len(NAMES) > 10
    with pytest.raises((AttributeError, KeyError)):
        resolve("scratch.sgd.no_such_thing")
