"""Words for sentences: somebody else's, made fit to be shown, and the ones that somebody may have meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from compare.submission.asking import one_line


def printable(words: str, most: int = 100) -> str:
    """Somebody's words, as they can be shown: on one line, of no more than ``most`` characters, composed (NFC)."""
    return shorten(one_line(unicodedata.normalize("NFC", words)), most)


def shorten(words: str, most: int) -> str:
    """The beginning, where there is more than that."""
    return words if len(words) <= most else f"{words[: most - 1]}…"


def shown(value: Any) -> str:
    """A value of a TOML file in a sentence: true and not True, and no longer than a sentence bears."""
    return str(value).lower() if isinstance(value, bool) else printable(repr(value), 60)


def meant(word: str, known: Collection[str]) -> str:
    """ "did you mean title?", or else all that there is to choose from."""
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), by_lower, n=1)
    return f"did you mean {by_lower[close[0]]}?" if close else f"there are {', '.join(known)}"


def dotted(loc: tuple[int | str, ...]) -> str:
    """Where a value stands in a TOML file: points.BP1."""
    return ".".join(printable(str(part), 40) for part in loc)


def no_key(loc: tuple[int | str, ...], keys: Mapping[str, Collection[str]]) -> str:
    """A key that is none, and where it belongs, or which was meant. ``keys`` of each table; "" is the file's top."""
    *tables, key = map(str, loc)
    table = tables[0] if tables else ""
    sentence = f"{dotted(loc)} is no key of {f'[{table}]' if table else 'an assignment'}"
    if table and key in keys[""]:
        return f"{sentence}; put it above the first [table]"
    if home := [other for other in keys if other and key in keys[other] and other != table]:
        return f"{sentence}; put it under [{home[0]}]"
    return f"{sentence}; {meant(key, keys[table])}"
