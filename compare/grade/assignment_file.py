"""An assignment from ``assignment.toml``, or one sentence that says what is wrong there, and with which key."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ValidationError

from compare.grade.assignment import Assignment, Limits, known_keys
from compare.grade.words import dotted, no_key, printable, shown


class AssignmentError(Exception):
    """An assignment that cannot be used, in one sentence that names the file and the key."""


def load(path: Path) -> Assignment:
    """The assignment of a file. Raises AssignmentError, in one sentence."""
    try:
        return Assignment.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as e:
        way_out = "'backproof assignment new FOLDER' writes one"
        raise AssignmentError(f"{path} cannot be read ({e.strerror}); {way_out}") from e
    except UnicodeDecodeError as e:
        raise AssignmentError(f"{path} is no text in UTF-8; save it as that") from e
    except tomllib.TOMLDecodeError as e:
        raise AssignmentError(f"{path} is not TOML: {printable(str(e), 200)}; expected lines of key = value") from e
    except ValidationError as e:
        raise AssignmentError(f"{path}: {_sentence(e)}") from e


def _sentence(e: ValidationError) -> str:
    """The first error; but before it a key that is none, as that may be why another is missing."""
    error = min(e.errors(), key=lambda error: error["type"] != "extra_forbidden")
    key, expected = dotted(error["loc"]), _expected(error["loc"])
    match error["type"]:
        case "value_error":
            return str(error["ctx"]["error"])
        case "extra_forbidden":
            return no_key(error["loc"], known_keys())
        case "missing":
            return f"{key} is missing; expected {expected}"
    came = "no text" if key == "course_key" else shown(error["input"])
    return f"{key} is {came}; expected {expected}"


def _expected(loc: tuple[int | str, ...]) -> str:
    """What is expected of a key, or of the table that it stands in."""
    here: type[BaseModel] = Limits if loc[:1] == ("limits",) and len(loc) > 1 else Assignment
    field = here.model_fields.get(str(loc[1] if here is Limits else loc[0])) if loc else None
    return str(field.title) if field else ""
