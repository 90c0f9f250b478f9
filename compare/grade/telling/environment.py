"""Jinja2, with everything escaped that is not marked as made here; each template is compiled once."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from compare.grade.telling.clean import number, times

ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    auto_reload=False,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.filters |= {"number": number, "times": times}


def render(template: str, **values: object) -> str:
    """The page."""
    return ENVIRONMENT.get_template(template).render(values)
