"""Owns the pieces of code that an emitted pytest file is put together from."""

from __future__ import annotations

from collections.abc import Sequence

from compare.submission.conventions import Conventions

IMPORTS = """\
import importlib.util
import os
import sys
from pathlib import Path

import numpy as np"""

AGREE = '''\
def agree(actual, expected):
    """Each array has to have the right shape, and then the right values as far as rounding allows."""
    assert len(actual) == len(expected), f"{len(actual)} arrays, expected {len(expected)}"
    for array, (name, right, allowed) in zip(actual, expected, strict=True):
        shape, dtype = np.shape(array), getattr(array, "dtype", right.dtype)
        assert shape == right.shape or (shape == () and right.size == 1), f"{name}: {shape}, expected {right.shape}"
        assert dtype == right.dtype, f"{name}: {dtype}, expected {right.dtype}"
        np.testing.assert_allclose(array, right, rtol=0, atol=allowed, err_msg=name)'''

LOAD = '''\
def load():
    """{says}"""
    for name, path in {files}:
        sys.path.insert(0, str(path.resolve().parent))
        spec = importlib.util.spec_from_file_location(name, path)
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return {gives}'''

ANSWER = '''\
def answer(ask):
    """What it gives for the case."""
    return ask(load(), *case())'''

ANSWER_AFTER = '''\
def answer(ask):
    """What it gives for the case, after it was asked about the others."""
    submission = load()
    for earlier in ({earlier}):
        ask(submission, *earlier())
    return ask(submission, *case())'''

UNCHANGED = """\
def test_{name}_leaves_its_arguments_as_they_are():
    given = case()
    {name}(load(), *given)
    np.testing.assert_equal(given{part}, case(){part})"""

ALONE = "alone = all(isinstance(g, np.ndarray) for g in given)  # with no list of biases beside it"
ARGUMENTS = {"feedforward": "x", "backprop": "x, y", "update_mini_batch": "x, y, eta"}
EACH = {"feedforward": ("a", "a in x"), "backprop": ("a, b", "a, b in zip(x, y, strict=True)")}


def load(network: str, sizes: Sequence[int], adapter: bool) -> str:
    """The function that loads the submission; for a class of that name it makes a network of these sizes."""
    files = '(("submission", SUBMISSION), ("adapter", ADAPTER))' if adapter else '[("submission", SUBMISSION)]'
    says = "A network of the submission, loaded anew." if network else "The submission, loaded anew."
    return LOAD.format(files=files, says=says, gives=f"module.{network}({list(sizes)})" if network else "module")


def ask(name: str, network: bool, c: Conventions) -> str:
    """The function that calls the submission's function of that name, once or, where it takes one, by the example."""
    arguments = ARGUMENTS[name]
    parameters = "" if network else "weights, biases, "
    lines = [f"def {name}(submission, weights, biases, x, y, eta):"]
    lines += ["    submission.weights, submission.biases = weights, biases"] if network else []
    if name == "update_mini_batch":
        return "\n".join([*lines, *_update(network, c)])
    call = f"submission.{name}({parameters}{arguments})"
    if c.one_by_one:
        example, loop = EACH[name]
        call = f"[submission.{name}({parameters}{example}) for {loop}]"
    return "\n".join([*lines, f"    return {call}"])


def _update(network: bool, c: Conventions) -> list[str]:
    if network:
        batch = "list(zip(x, y, strict=True))" if c.one_by_one else "x, y"
        return [f"    submission.update_mini_batch({batch}, eta)", "    return submission.weights, submission.biases"]
    all_of_them = "np.array(x), np.array(y)" if c.one_by_one and c.examples == "rows" else "x, y"
    batch = "x[0], y[0]" if c.batch == "one" else all_of_them
    return [
        f"    updated = submission.update_mini_batch(weights, biases, {batch}, eta)",
        "    return (weights, biases) if updated is None else updated  # None: it has edited what it was given",
    ]


def answer(cases: int) -> str:
    """The function that asks about the last of so many cases."""
    if cases == 1:
        return ANSWER
    earlier = "".join(f"case_{i}, " for i in range(1, cases))
    return ANSWER_AFTER.format(earlier=earlier[:-1] if cases == 2 else earlier[:-2])


def test(name: str, conventions: Conventions, m: int) -> str:
    """The test of activations, nabla_w, nabla_b or deltas, or of weights and biases after the update, of m examples."""
    if name == "weights":
        return "\n".join(["def test_update_mini_batch():", *_of_update(conventions.separate)])
    if name == "activations":
        lines = ["whole = isinstance(given, (list, tuple))  # or the output alone"]
        lines += ["agree(given if whole else [given], {0} if whole else {0}[-1:])"]
        asked, title = "feedforward", "feedforward"
    else:
        lines, asked, title = _of_gradients(name, conventions), "backprop", name
    if conventions.one_by_one and m > 1:
        head = f"    for given, expected in zip(answer({asked}), {name.upper()}, strict=True):"
        body = [f"        {line.format('expected')}" for line in lines]
    else:
        head = f"    {'(given,)' if conventions.one_by_one else 'given'} = answer({asked})"
        body = [f"    {line.format(name.upper())}" for line in lines]
    return "\n".join([f"def test_{title}():", head, *body])


def _of_gradients(name: str, conventions: Conventions) -> list[str]:
    first, second = ("nabla_w", "nabla_b") if conventions.gradients == "w, b" else ("nabla_b", "nabla_w")
    place = {first: 0, second: 1, "deltas": 2}[name]
    if name == "nabla_w" and not conventions.separate:
        return [ALONE, f"agree(given if alone else given[{place}], {{0}})"]
    return [f"agree(given[{place}], {{0}})"]


def _of_update(separate: bool) -> list[str]:
    if separate:
        return [
            "    weights, biases = answer(update_mini_batch)",
            "    agree(weights, WEIGHTS)",
            "    agree(biases, BIASES)",
        ]
    return [
        "    given = answer(update_mini_batch)",
        f"    {ALONE}",
        "    agree(given if alone else given[0], WEIGHTS)",
    ]


test.__test__ = False  # type: ignore[attr-defined]


def unchanged(name: str) -> str:
    """The test that a function does not edit its arguments, but for the parameters that are updated."""
    return UNCHANGED.format(name=name, part="[2:]" if name == "update_mini_batch" else "")
