"""Names of files for students, who are called what they like.

An id that is a plain name in small letters is its own; any other is made readable and gets the beginning of its
hash, so that no two students have one file, on a disk that knows no capital letters either.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256
from urllib.parse import quote

PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9_.-]{0,62}[a-z0-9_])?")
TAKEN = re.compile(  # names of devices; of files, as they lie beside; and those that end as the altered ones do
    r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?|.*\.(?:html|csv|xml|json|toml|log|txt|py|zip)|.*-[0-9a-f]{12}"
)


def file_name(student: str) -> str:
    """The student's folder; always the same, and nobody else's."""
    if PLAIN.fullmatch(student) and not TAKEN.fullmatch(student):
        return student
    letters = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")[:40].strip("-")
    return f"{slug or 'student'}-{sha256(student.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def link(student: str) -> str:
    """From the class's page to the student's."""
    return f"{quote(file_name(student))}/page.html"
