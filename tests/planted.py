"""Faults planted on purpose: with one of them in the code, the check that claims to catch it has to fail."""

from __future__ import annotations

import inspect

import pytest


def faults(package):
    """For a test file, ``catches`` and ``test_a_planted_fault_is_caught``; targets are named from ``package`` on."""
    planted, passed = [], set()

    def catches(what, target, fault, **arguments):
        """Plant ``fault`` in place of ``target``: the check below, given the arguments, has to fail."""

        def register(check):
            name = check.__name__.removeprefix("test_")
            planted.append(pytest.param(target, fault, check, arguments, id=f"{name}: {what}"))
            return check

        return register

    def pass_without_it(check, arguments):
        if (key := (check.__name__, repr(arguments))) not in passed:  # once for all faults of a check
            check(**arguments)
            passed.add(key)

    @pytest.mark.parametrize(("target", "fault", "check", "arguments"), planted)
    def test_a_planted_fault_is_caught(monkeypatch, target, fault, check, arguments):
        if not is_a_test(check, arguments):
            pass_without_it(check, arguments)  # or its failure would show nothing
        monkeypatch.setattr(f"{package}.{target}", fault)
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            check(**arguments)

    return catches, test_a_planted_fault_is_caught


def is_a_test(check, arguments):
    """Whether pytest calls it with just these arguments: then it is seen to pass without the fault."""
    marks, left = getattr(check, "pytestmark", []), dict(arguments)
    if set(arguments) != set(inspect.signature(check).parameters) or any(m.name != "parametrize" for m in marks):
        return False
    for names, values in (mark.args for mark in marks):
        each = names.replace(" ", "").split(",") if isinstance(names, str) else names
        given = [left.pop(name, None) for name in each]
        if not any(same(value, given) for value in values):
            return False
    return not left


def same(value, given):
    """Whether that is the value of a parametrization, with marks or without them."""
    values = value.values if hasattr(value, "marks") else value if len(given) > 1 else [value]
    return len(values) == len(given) and all(a is b or repr(a) == repr(b) for a, b in zip(values, given, strict=True))
