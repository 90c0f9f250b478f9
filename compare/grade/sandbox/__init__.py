"""A submission run where it can do no harm: forked from a warm process, locked down, held to its limits, and ended.

The grader's side is ``sandbox``, ``warm``, ``exchange``, ``folder`` and ``syscalls``; the warm process is ``zygote``
and ``serving``, which ends with ``reaping``; ``worker``, ``layers`` and ``landlocked`` are what its forks do before the
first submitted line runs.
"""

from compare.grade.sandbox.limits import Limits, Run, SandboxError
from compare.grade.sandbox.sandbox import Sandbox

__all__ = ["Limits", "Run", "Sandbox", "SandboxError"]
