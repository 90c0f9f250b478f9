"""How much of what is asked for a file has, by its text, which is looked at, and neither parsed nor run."""

from __future__ import annotations

import re
from collections.abc import Mapping

from compare.submission.network_class import METHODS

DEFINES = re.compile(rf"^(?:[ \t]*def ({'|'.join(METHODS)})|class (Network))\b".encode(), re.MULTILINE)
FROM = re.compile(rb"^from[ \t]+\.?([\w.]+)[ \t]+import[ \t]+(?:\(([^)]*)\)|([^\n#;]*))", re.MULTILINE)


def most(sources: Mapping[str, bytes]) -> list[str]:
    """The files, of those of one student, by their names, that have the most; of these, those that define the most.

    σ and σ′ do not count: they may well stand in a module of their own.
    """
    defined = {name: _defined(source) for name, source in sources.items()}
    by_module = {name.rpartition("/")[2].removesuffix(".py"): names for name, names in defined.items()}
    much = {
        name: (len(defined[name] | _imported(source, by_module)), len(defined[name]))
        for name, source in sources.items()
    }
    return [name for name in sources if much[name] == max(much.values())]


def _defined(source: bytes) -> set[bytes]:
    return {function or network for function, network in DEFINES.findall(source)}


def _imported(source: bytes, by_module: Mapping[str, set[bytes]]) -> set[bytes]:
    """Those of the others' functions that it imports by their names, or all at once."""
    found = set()
    for module, several, line in FROM.findall(source):
        there = by_module.get(module.decode().rpartition(".")[2], set())
        names = {name.strip() for name in (several or line).split(b",")}
        found |= there if b"*" in names else there & names
    return found
