"""Owns the failing case as a pytest file of its own, which needs NumPy only and the submission."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compare.diagnosis import pytest_parts as parts
from compare.diagnosis.case import Case, Observed
from compare.diagnosis.expected import Expected, Right, by_call
from compare.diagnosis.literals import WIDTH, statement, text
from compare.diagnosis.shrink import cost, network
from compare.submission.conventions import Conventions

BEGINNING = "Written by backproof:"


@dataclass(frozen=True)
class Form:
    """How the submission is written.

    offers       those of feedforward, backprop and update_mini_batch that it has
    conventions  the form in which it wants its arrays
    network      the name of the class that they are methods of, as in Nielsen's book; "" if there is none
    """

    offers: Collection[str]
    conventions: Conventions
    network: str = ""


def pytest_file(
    cases: Case | Sequence[Case],
    shown: Observed,
    submission: str | Path,
    form: Form,
    *,
    adapter: str | Path | None = None,
    sentence: str = "",
    absolute: bool = False,
) -> str:
    """The text of a file that fails on the submission, if ``shown`` fails, and passes on a right one.

    Of several cases only the last is checked, after the others were asked about. ``shown`` is what the submission shows
    of it: whether there are deltas, and faults that no numbers show. The paths stand in the file as they are given.
    ``sentence`` says what is wrong. Raises ConventionError if a case cannot be put in the submission's form.
    """
    asked = [cases] if isinstance(cases, Case) else list(cases)
    kinds = {fault.kind for fault in shown.faults}
    if "state" in kinds and len(asked) == 1:
        asked *= 2
    expected = _expected(asked[-1], shown, form, absolute)
    edited = {fault.function for fault in shown.faults if fault.kind == "modified"} & set(form.offers)
    blocks = [
        _docstring(asked, submission, sentence),
        parts.IMPORTS,
        _paths(submission, adapter),
        "\n".join(statement(name.upper(), value) for name, value in expected.items()),
        *_cases(asked, form.conventions),
        parts.load(form.network, asked[-1].sizes, adapter is not None),
        *(parts.ask(name, bool(form.network), form.conventions) for name in _asked(form, asked[-1])),
        parts.answer(len(asked)),
        parts.AGREE,
        *(parts.test(name, form.conventions, asked[-1].m) for name in expected if name != "biases"),
        *(parts.unchanged(name) for name in sorted(edited)),
    ]
    return (
        blocks[0] + "\n\n" + blocks[1] + "\n\n" + "\n".join(blocks[2:4]) + "\n\n\n" + "\n\n\n".join(blocks[4:]) + "\n"
    )


def is_emitted(path: Path) -> bool:
    """Whether the file is one that ``pytest_file`` made."""
    try:
        return path.read_text(encoding="utf-8").startswith(f'"""{BEGINNING}')
    except (OSError, UnicodeDecodeError):
        return False


def _expected(case: Case, shown: Observed, form: Form, absolute: bool) -> dict[str, list[Any]]:
    """For each quantity that is checked, what is expected of each layer; by call, where there are several."""
    calls = [Right(call, form.conventions, absolute) for call in by_call(case, form.conventions)]
    names = ["activations"] if "feedforward" in form.offers else []
    if "backprop" in form.offers:
        names += ["nabla_w", *(["nabla_b"] if form.conventions.separate else [])]
        names += ["deltas"] if any(d is not None for d in shown.trace.deltas) else []
    of_calls = {name: [_entries(getattr(call, name)) for call in calls] for name in names}
    found: dict[str, list[Any]] = {name: of[0] if len(calls) == 1 else of for name, of in of_calls.items()}
    if "update_mini_batch" in _asked(form, case):
        after = Right(case, form.conventions, absolute)
        found["weights"] = _entries(after.weights)
        found |= {"biases": _entries(after.biases)} if form.conventions.separate else {}
    return found


def _entries(expected: list[Expected]) -> list[tuple]:
    """The allowed difference is rounded up to three digits."""
    return [(e.name, e.values, float(f"{1.01 * e.allowed:.2e}")) for e in expected]


def _asked(form: Form, case: Case) -> list[str]:
    """The functions that are called; an update that takes a single example, only if there is just one."""
    update = case.m == 1 or form.network or form.conventions.batch != "one"
    names = ["feedforward", "backprop", *(["update_mini_batch"] if update else [])]
    return [name for name in names if name in form.offers]


def _docstring(asked: Sequence[Case], submission: str | Path, sentence: str) -> str:
    case = asked[-1]
    name = Path(submission).name
    before = (
        ""
        if len(asked) == 1
        else f" {len(asked) - 1} other{'s' * (len(asked) > 2)} before it may leave something behind."
    )
    paragraphs = [
        f"{BEGINNING} a small case that {name} gets wrong.",
        sentence,
        f"The case: {network(case)}, eta = {case.eta:g}, {cost(case)}.{before} What is expected is what torch's "
        f"autograd gives in {case.x.dtype}; the number beside each array is the most that rounding can put between "
        "the two.",
        "Run it with pytest. The environment variable SUBMISSION names another file to be tested.",
    ]
    safe = [p.replace("\\", "/").replace('"', "'") for p in paragraphs if p]
    return '"""' + "\n\n".join(textwrap.fill(p, WIDTH - 4) for p in safe) + '\n"""'


def _paths(submission: str | Path, adapter: str | Path | None) -> str:
    lines = [f'SUBMISSION = Path(os.environ.get("SUBMISSION", {text(str(submission))}))']
    return "\n".join(lines if adapter is None else [*lines, f"ADAPTER = Path({text(str(adapter))})"])


def _cases(asked: Sequence[Case], conventions: Conventions) -> list[str]:
    names = [*(f"case_{i}" for i in range(1, len(asked))), "case"]
    return [_case(name, case, conventions) for name, case in zip(names, asked, strict=True)]


def _case(name: str, case: Case, c: Conventions) -> str:
    values: dict[str, Any] = {"weights": c.weights_of(case.weights, case.biases), "biases": c.biases_of(case.biases)}
    for called, array in (("x", case.x), ("y", case.y)):
        values[called] = [c.example_of(row) for row in array] if c.one_by_one else c.examples_of(array)
    return "\n".join(
        [
            f"def {name}():",
            f'    """{network(case).capitalize()}; in new arrays each time."""',
            *(statement(called, value, 4) for called, value in values.items()),
            f"    return weights, biases, x, y, {case.eta!r}",
        ]
    )
