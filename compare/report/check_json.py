"""A check as JSON: verdict, mistakes, checks, faults, findings and power; what a script can rely on."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from compare.check.report import CheckReport


def as_dict(report: CheckReport, hints: bool = False) -> dict[str, Any]:
    """The report, in numbers, strings and lists; what is not finite is null. With ``hints``, no mistake is named."""
    hidden: dict[str, Any] = {"name": None, "explanation": None} if hints else {}
    mistakes = [
        asdict(named) | {"explanation_no": k} | hidden for k, ones in enumerate(report.explanations) for named in ones
    ]
    powers = report.examination.powers.items()
    return {
        "verdict": report.outcome.value,
        "file": report.name,
        "offers": sorted(report.offers),
        "mistakes": mistakes,
        "checks": [{key: _finite(value) for key, value in asdict(check).items()} for check in report.checks],
        "faults": [asdict(fault) for fault in report.faults],
        "findings": [
            {"tensor": str(f.key), "instrument": f.instrument, "sentence": f.sentence}
            for f in report.findings
            if not hints
        ],
        "conventions": report.conventions,
        "notes": report.notes,
        "power": {str(key): _finite(power.smallest) for key, power in powers},
        "strict": report.strict,
        "seconds": report.seconds,
    }


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
