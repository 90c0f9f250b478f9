"""The report on a run as what JSON can hold."""

from __future__ import annotations

import math
from typing import Any

from compare.evaluate import Evaluation
from compare.key import Key
from compare.power import Power
from compare.run import Report
from compare.verdict import Divergence


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
        "deterministic": report.deterministic,
        "seconds": round(report.seconds, 3),
    }


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
