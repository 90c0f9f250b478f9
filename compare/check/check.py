"""The check from an implementation to its report: the form that fits, the questions, the verdicts, the names."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from compare.check.depth import of_another_depth
from compare.check.elementwise import elementwise
from compare.check.examine import Examination, examine
from compare.check.extremes import sentences
from compare.check.finding import findings
from compare.check.fit import DEPTHS, Fit, fit
from compare.check.forms import different
from compare.check.naming import Diagnosis, charged, named
from compare.check.readings import Reading
from compare.check.report import CheckReport
from compare.check.smallest import smallest_failing
from compare.check.subject import GRADIENT, SLOTS, UPDATE, Subject
from compare.diagnosis.emit import Form
from compare.submission.conventions import Conventions
from compare.submission.remote import Submission
from compare.verdict import Outcome


@dataclass(frozen=True)
class Settings:
    """How to check.

    conventions  those that are stated here, over those that the file states itself
    seconds      the longest that one call may take
    large        whether to ask about a network of MNIST's size, too
    examples     whether to look for what the instruments find, and for the smallest case that fails
    """

    conventions: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    strict: bool = False
    seconds: float = 10.0
    dtype: str = "float64"
    layers: int | None = None
    large: bool = True
    examples: bool = True


def check(path: Path, adapter: Path | None = None, settings: Settings = Settings()) -> CheckReport:
    """Check a file. Raises SubmissionError, in one sentence, if it could not be run at all."""
    with Submission.start(path, adapter, None, settings.seconds) as submission:
        began = time.perf_counter()
        stated = Conventions.parse(settings.conventions, submission.conventions)
        found = fit(submission.with_conventions(stated), settings.seed, settings.layers)
        reading = Reading.stated(stated)
        if found.endless:
            examination = Examination(reading, {})
            report = CheckReport(path.name, submission.offers, examination, [], Diagnosis(), found.endless)
        else:
            biased = found.submission.conventions.biases != "none"
            report = check_subject(found.submission, path.name, reading, settings, found.L, biased=biased)
            report.conventions = different(stated, found.submission.conventions) + report.conventions
            report.notes += _depth(found, settings)
            report.form = Form(submission.offers, found.submission.conventions, submission.network)
        report.seconds = time.perf_counter() - began
    return report


def check_subject(
    subject: Subject, name: str, stated: Reading, settings: Settings, L: int = 3, biased: bool = True
) -> CheckReport:
    """Check anything that can be asked, in networks of L layers."""
    report = with_names(unnamed(subject, name, stated, settings, L, biased))
    if not report.examination.right and settings.examples:
        report.findings = findings(report.examination, subject)
        report.smallest = smallest_failing(report.examination, subject)
    return report


def unnamed(
    subject: Subject, name: str, stated: Reading, settings: Settings, L: int = 3, biased: bool = True
) -> CheckReport:
    """What is wrong, and the equations that are to blame, without a name for any mistake."""
    functions = [elementwise(subject, function) for function in SLOTS if function in subject.offers]
    examination = examine(
        subject, stated, settings.seed, L, settings.dtype, biased=biased, strict=settings.strict, large=settings.large
    )
    faults = [*(fault for _, faults in functions for fault in faults), *examination.faults]
    if examination.right and settings.layers is None and DEPTHS[0] == L:
        faults += of_another_depth(subject, examination, settings.seed, L, biased)
    found = [function for function, _ in functions if function is not None]
    diagnosis = Diagnosis() if examination.right else charged(examination, subject)
    report = CheckReport(name, subject.offers, examination, found, diagnosis, faults, strict=settings.strict)
    report.conventions = [*_readings(examination, diagnosis), *_overflows(report)]
    report.notes = list(_absolute(report))
    return report


def with_names(report: CheckReport) -> CheckReport:
    """The same with the names of the mistakes, and the cost with which they explain it."""
    if report.examination.right:
        return report
    diagnosis = named(report.examination, report.diagnosis)
    conventions = [*_readings(report.examination, diagnosis), *_overflows(report)]
    return replace(report, diagnosis=diagnosis, conventions=conventions)


def _readings(examination: Examination, diagnosis: Diagnosis) -> Iterator[str]:
    """The costs that the gradient belongs to and the update goes down, where they are not the stated one."""
    stated, parts = examination.stated, examination.parts
    gradient, update = parts.get(GRADIENT), parts.get(UPDATE)
    if gradient and gradient.reading.sign != stated.sign:
        yield "gradients come negated, and the update adds them"
    reading = diagnosis.reading
    if (gradient and gradient.reading.shared) or (reading and reading.shared):
        yield "δ comes divided by m in every layer, and the gradient is its sum over the mini-batch"
    if reading and replace(reading, shared=False) != stated and not (gradient and gradient.fits):
        yield f"the mistake explains it with {reading}, where {stated} is stated"
    costs = {
        function: replace(part.reading, sign=stated.sign, shared=False) for function, part in parts.items() if part.fits
    }
    if gradient and costs.get(GRADIENT, stated) != stated:
        yield f"the gradient is that of {costs[GRADIENT]}, where {stated} is stated"
    if update and costs.get(UPDATE, stated) not in (stated, costs.get(GRADIENT)):
        yield f"the update goes down {costs[UPDATE]}, where {stated} is stated"


def _overflows(report: CheckReport) -> Iterator[str]:
    yield from (e.beyond for e in report.elementwise if e.beyond)
    right = report.outcome is not Outcome.MISMATCH
    yield from sentences(report.examination.overflowing, report.examination.asked, right)


def _absolute(report: CheckReport) -> Iterator[str]:
    functions: Sequence[bool] = [e.absolute for e in report.elementwise if e.right]
    if any(functions) or any(part.absolute for part in report.examination.parts.values()):
        yield (
            "small activations have few right digits: σ(z) is worked out from numbers near 1, as ½(1 + tanh(z/2)) and "
            "1 − σ(−z) are; 1/(1 + e⁻ᶻ) has all of them"
        )


def _depth(found: Fit, settings: Settings) -> list[str]:
    if found.shallow:
        L = found.L - 1
        return [f"it does answer about {L} layers of weights; if it is written for that, say --layers {L}"]
    deepest = DEPTHS[0]
    if settings.layers or deepest == found.L:
        return []
    layers = f"{found.L} layer{'s' * (found.L > 1)} of weights"
    return [f"it was asked about networks of {layers} only: it is written for that number"]
