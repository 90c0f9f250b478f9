"""The report as a JSON file: whole, or not there at all."""

from __future__ import annotations

import errno
import json
import math
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from compare.evaluate import Evaluation
from compare.power import Power
from compare.report.folder import LogError
from compare.run import Report
from compare.trace import Key
from compare.verdict import Divergence


class JsonFile:
    """Finds out before the run whether the file can be written; writes beside it and renames, so no half is left."""

    def __init__(self, path: Path | None) -> None:
        """None writes nothing."""
        self.path = path

    def __enter__(self) -> JsonFile:
        """Make the new file beside the old. Raises LogError where that is not possible."""
        if self.path is not None:
            try:
                self._begin(self.path)
            except OSError as e:
                raise self._error(e) from e
        return self

    def _begin(self, path: Path) -> None:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        self._target = self._beside = path.resolve()
        if not path.exists() or path.is_file():  # a pipe or a device is written into, and never replaced
            handle, name = tempfile.mkstemp(dir=self._target.parent, prefix=f".{self._target.name}.")
            os.close(handle)
            self._beside = Path(name)

    def write(self, report: Report) -> None:
        """Write the report and put it in its place. Raises LogError where that is not possible, on a full disk say."""
        if self.path is not None:
            try:
                self._beside.write_text(json.dumps(as_dict(report), indent=2, allow_nan=False) + "\n")
                if self._beside != self._target:
                    self._beside.chmod(0o666 & ~_umask())
                    self._beside.replace(self._target)
            except OSError as e:
                raise self._error(e) from e

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing half-written."""
        if self.path is not None and self._beside != self._target:
            self._beside.unlink(missing_ok=True)

    def _error(self, e: OSError) -> LogError:
        return LogError(f"--json {self.path} cannot be written ({e.strerror}); give a file in a folder that can be")


def as_dict(report: Report) -> dict[str, Any]:
    """What the file holds. A number that JSON has no word for is null."""
    verdict, drift = report.verdict, report.drift
    return {
        "verdict": None if verdict.diverged else verdict.outcome.value,
        "steps_checked": verdict.steps_checked,
        "worst_ratio": _number(verdict.worst_ratio),
        "first_divergence": _divergence(verdict.first_divergence),
        "first_doubt": _divergence(verdict.first_doubt),
        "diverged_at": verdict.diverged_at,
        "interrupted": report.interrupted,
        "accuracy": [{name: _scores(e) for name, e in epoch.items()} for epoch in report.epochs],
        "ratios": [{**_key(key), "worst_ratio": _number(r)} for key, r in verdict.worst.items()],
        "power": [{**_key(key), **_power(power)} for key, power in verdict.powers.items()],
        "alarms": verdict.alarms,
        "drift": {"last": _number(drift.last), "horizon": drift.horizon},
        "settings": report.problem.as_dict(),
        "seconds": round(report.seconds, 3),
    }


def _umask() -> int:
    """What the user does not grant; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _scores(e: Evaluation) -> dict[str, float | int]:
    return {"scratch": e.scratch.accuracy, "torch_ref": e.torch_ref.accuracy, "different": e.different}


def _power(power: Power) -> dict[str, float | int | None]:
    caught = {"smallest_error_caught": _number(power.smallest), "typical": _number(power.typical)}
    return {**caught, "steps_sampled": power.sampled, "steps_blind": power.blind}


def _divergence(divergence: Divergence | None) -> dict[str, Any] | None:
    if divergence is None:
        return None
    return {
        "step": divergence.step,
        **_key(divergence.key),
        "index": divergence.index and list(divergence.index),
        "actual": _number(divergence.actual),
        "expected": _number(divergence.expected),
        "bound": _number(divergence.bound),
        "problem": divergence.problem,
    }


def _key(key: Key) -> dict[str, Any]:
    return {"equation": key.equation, "tensor": key.name, "layer": key.layer}


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
