"""The assignment: what is asked, what it is worth, and within which limits.

A field's title says what is expected of its value, in the sentence that refuses another; its description says what
the value does, in the comment of the file that ``backproof assignment new`` writes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Collection
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from compare.grade.result import CHECKS
from compare.grade.words import meant, no_key, printable, shown
from compare.submission.conventions import ALLOWED, ConventionError, Conventions

KEY_LENGTH = 16  # characters of a course key, at least
NOT_GRADING = {"visibility", "student", "file"}  # say who handed in what, and who sees it; they change no result
STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

Points = Annotated[float, Field(ge=0, le=1_000_000)]


class Limits(BaseModel):
    """Of one submission, from its first line to its last answer."""

    model_config = STRICT
    seconds: float = Field(
        default=10.0,
        gt=0,
        le=3600,
        title="a number of seconds above 0, up to 3600",
        description="the longest that it may take",
    )
    megabytes: int = Field(
        default=1024,
        ge=256,
        le=65536,
        title="a whole number from 256 to 65536",
        description="the most memory that it may have; Python with NumPy needs 100 of them",
    )


class Assignment(BaseModel):
    """As ``assignment.toml`` has it. Raises ValidationError; ``assignment_file.load`` says it in a sentence."""

    model_config = STRICT
    title: str = Field(
        title="a line of 1 to 200 characters", description="what the reports are headed by; the seeds depend on it"
    )
    course_key: str = Field(
        title=f"a text of at least {KEY_LENGTH} characters",
        description="the secret that gives every student other numbers",
        repr=False,
    )
    layers: int = Field(
        default=3,
        ge=1,
        le=4,
        title="a whole number from 1 to 4",
        description="layers of weights of the networks asked about",
    )
    trials: int = Field(
        default=1,
        ge=1,
        le=10,
        title="a whole number from 1 to 10",
        description="how often everything is asked, of new numbers",
    )
    strict: bool = Field(
        default=False, title="true or false", description="whether another convention than the stated one costs points"
    )
    hints: Literal["name", "hint", "none"] = Field(
        default="hint",
        title='"name", "hint" or "none"',
        description="what a student reads about a mistake: its name, the hint that leads to it, or neither",
    )
    visibility: Literal["visible", "after_due_date", "after_published", "hidden"] = Field(
        default="visible",
        title='"visible", "after_due_date", "after_published" or "hidden"',
        description="when a student sees the result, as Gradescope has it",
    )
    student: str = Field(
        default="",
        title="a regular expression with a group (?P<student>…), or nothing: as an LMS has it",
        description="whose a file is, by its path",
    )
    file: str = Field(
        default="",
        title="the name of a .py or .ipynb file, or nothing",
        description="which file counts; nothing: the one that defines the functions",
    )
    conventions: dict[str, str] = Field(
        default={}, title="a table [conventions]", description="the form the code is written in"
    )
    points: dict[str, Points] = Field(
        title="a number from 0 to 1000000 for each check",
        description="what each check is worth; 0: run and shown; left out: not run",
    )
    prerequisites: dict[str, list[str]] = Field(
        default={},
        title='a list of checks for a check, as in BP2 = ["BP1"]',
        description="which checks must have passed for another to be run",
    )
    limits: Limits = Field(default=Limits(), title="a table [limits]", description="of one submission")

    @field_validator("title")
    @classmethod
    def _title(cls, title: str) -> str:
        if not title or printable(title, 200) != title:
            raise ValueError(f"title is {shown(title)}; expected {cls.model_fields['title'].title} that can be printed")
        return title

    @field_validator("course_key")
    @classmethod
    def _course_key(cls, key: str) -> str:
        if len(key) < KEY_LENGTH:
            raise ValueError(
                f"course_key has {len(key)} characters; expected at least {KEY_LENGTH}, that nobody can guess"
            )
        return key

    @field_validator("student")
    @classmethod
    def _student(cls, pattern: str) -> str:
        try:
            groups = re.compile(pattern).groupindex
        except (re.error, OverflowError, RecursionError) as e:
            raise ValueError(f"student is {shown(pattern)}, which is no regular expression ({e})") from e
        if pattern and "student" not in groups:
            raise ValueError(f"student is {shown(pattern)}; expected {cls.model_fields['student'].title}")
        return pattern

    @field_validator("file")
    @classmethod
    def _file(cls, name: str) -> str:
        if name and not name.endswith((".py", ".ipynb")):
            raise ValueError(f"file is {shown(name)}; expected {cls.model_fields['file'].title}")
        return name

    @field_validator("conventions", mode="before")
    @classmethod
    def _conventions(cls, table: Any) -> Any:
        if not isinstance(table, dict):
            return table
        try:
            stated = Conventions.parse(table)
        except ConventionError as e:
            raise ValueError(str(e)) from e
        return {key: getattr(stated, key) for key in table}

    @field_validator("points", "prerequisites", mode="before")
    @classmethod
    def _known(cls, table: Any, info: Any) -> Any:
        """Before the values: what stands in the wrong table has a value of another kind, too."""
        for name in table if isinstance(table, dict) else ():
            if name not in CHECKS:
                raise ValueError(no_key((info.field_name, name), known_keys()))
        return table

    @model_validator(mode="after")
    def _possible(self) -> Assignment:
        if not any(self.points.values()):
            raise ValueError("points has none above 0; give points to one check at least")
        if self.layers == 1 and self.points.get("BP2"):
            raise ValueError("points.BP2 needs networks with a hidden layer; expected layers of 2 or more, or no BP2")
        for name, needed in self.prerequisites.items():
            for check in (name, *needed):
                self._must_be_run(f"prerequisites.{name}", check)
        try:
            TopologicalSorter(self.prerequisites).prepare()
        except CycleError as e:
            circle = ", which needs ".join(reversed(e.args[1]))
            raise ValueError(f"prerequisites go round in a circle: {circle}; take one of them out") from e
        return self

    def _must_be_run(self, key: str, check: str) -> None:
        if check not in CHECKS:
            raise ValueError(f"{key} has {shown(check)}, which is no check; {meant(check, CHECKS)}")
        if check not in self.points:
            raise ValueError(f"{key} is about {check}, which [points] leaves out; give it points there, or 0")

    def seed(self, student: str, trial: int) -> int:
        """Of a student's numbers: whoever has not the course key cannot foretell it. 0 or more, below 2⁶³."""
        message = json.dumps([student, self.title, trial]).encode()
        return int.from_bytes(hmac.digest(self.course_key.encode(), message, "sha256")[:8], "big") >> 1

    def fingerprint(self) -> str:
        """The same, in 64 hexadecimal digits, for two assignments that give the same results, and for no others."""
        matters = self.model_dump(exclude=NOT_GRADING)
        return hashlib.sha256(json.dumps(matters, sort_keys=True).encode()).hexdigest()


def known_keys() -> dict[str, Collection[str]]:
    """Those of each table, and of the file's top, which is called nothing."""
    tables = {"limits": [*Limits.model_fields], "conventions": [*ALLOWED], "points": CHECKS, "prerequisites": CHECKS}
    return {"": [*Assignment.model_fields], **tables}
