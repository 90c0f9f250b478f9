"""Results as other tools read them: ``FORMATS[name](results, title, visibility)`` is the file's text.

Of one result, a tool's own file; of several, a JSON list of ``{"student": ..., "results": ...}`` with such a file for
each. ``junit`` and ``csv`` are for the teacher, hold the whole class, and name the mistakes. In the others a student
reads no more than ``shown`` has; those that cannot hide a test themselves leave out the reasons, unless the
assignment's visibility is "visible".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from compare.grade.formats import check50, classroom, gradebook, gradescope, junit, prairielearn
from compare.grade.result import Result

Write = Callable[[Sequence[Result], str, str], str]

FORMATS: Mapping[str, Write] = MappingProxyType(
    {
        "gradescope": gradescope.write,
        "prairielearn": prairielearn.write,
        "classroom": classroom.write,
        "check50": check50.write,
        "junit": junit.write,
        "csv": gradebook.write,
    }
)
