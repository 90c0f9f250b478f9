"""Faults planted on purpose: with one of them in the code, the check that claims to catch it has to fail."""

from __future__ import annotations

from functools import partial

import pytest


def faults(package):
    """For a test file, ``catches`` and ``test_a_planted_fault_is_caught``; targets are named from ``package`` on."""
    planted = []

    def catches(what, target, fault, **arguments):
        """Plant ``fault`` in place of ``target``: the check below, given the arguments, has to fail."""

        def register(check):
            name = check.__name__.removeprefix("test_")
            planted.append(pytest.param(target, fault, partial(check, **arguments), id=f"{name}: {what}"))
            return check

        return register

    @pytest.mark.parametrize(("target", "fault", "check"), planted)
    def test_a_planted_fault_is_caught(monkeypatch, target, fault, check):
        check()  # without the fault it passes, or its failure would show nothing
        monkeypatch.setattr(f"{package}.{target}", fault)
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            check()

    return catches, test_a_planted_fault_is_caught
