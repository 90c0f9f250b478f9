"""Text and numbers as every page and format can hold them: nothing that moves a cursor, breaks XML, or is not finite.

Students choose their ids, their files' names and what they print; here all of it becomes plain text.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable
from dataclasses import replace

from compare.grade.result import Graded, Mistake, Result

ANSI = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours and movements
    r"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # window titles, links and other strings
    r"|\x1b[ -/]*[0-~]?"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
MOST = sys.float_info.max  # stands for a ratio that is not finite: JSON has no word for that
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def plain(words: str) -> str:
    """As lines of printable characters; also without those that turn the direction of reading."""
    if words.isprintable():
        return words
    lines = BREAKS.sub("\n", ANSI.sub("", words)).expandtabs(4)
    return "".join(c if c.isprintable() or c == "\n" else " " for c in lines)


def line(words: str) -> str:
    """As one line."""
    return " ".join(plain(words).split())


def clean(result: Result) -> Result:
    """The result, in plain text and finite numbers."""
    return replace(
        result,
        student=line(result.student) or "(no name)",
        checks=[_check(check) for check in result.checks],
        message=plain(result.message).strip(),
        shown=[plain(words).strip() for words in result.shown],
        mistakes=[_mistake(mistake) for mistake in result.mistakes],
        conventions=[plain(words).strip() for words in result.conventions],
        printed=plain(result.printed),
        heatmaps={line(name): [_ratios(row) for row in rows] for name, rows in result.heatmaps.items()},
        trajectory={line(name): [_finite(cost) for cost in costs] for name, costs in result.trajectory.items()},
        key=line(result.key),
    )


def _check(check: Graded) -> Graded:
    worst = None if check.worst is None else _ratios([check.worst])[0]
    return replace(check, name=line(check.name), reason=plain(check.reason).strip(), worst=worst)


def _mistake(mistake: Mistake) -> Mistake:
    name, equation = line(mistake.name), line(mistake.equation)
    return replace(
        mistake, name=name, equation=equation, explanation=line(mistake.explanation), hint=line(mistake.hint)
    )


def _ratios(row: Iterable[float | None]) -> list[float | None]:
    return [r if r is None or math.isfinite(r) else MOST for r in row]


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def number(value: float) -> str:
    """Points as people write them: 2, 2.5, 0.3333."""
    return f"{round(value, 4):.10g}"


def times(r: float) -> str:
    """How large an error is, in words."""
    if r <= 1:
        return "within what rounding can do"
    if r >= 1e300:  # as good as infinite
        return "beyond all measure"
    exponent = math.floor(math.log10(r))
    size = f"{r:.2g}" if exponent < 2 else f"10{str(exponent).translate(SUPERSCRIPTS)}"
    return f"about {size} times what rounding allows"
