"""A check for people: the table of the equations, the mistake by its name, the smallest case, the verdict last."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.table import Table

from compare.check.report import CheckReport, Named
from compare.check.subject import SLOTS
from compare.diagnosis.case import Case, Fault
from compare.diagnosis.shrink import describe
from compare.report.terminal import STYLES
from compare.verdict import Divergence, Outcome
from torch_ref.terminal import Output

MARKS = {"right": "green", "wrong": "red", "no answer": "red", "not shown": "dim"}


def show(report: CheckReport, console: Output, hints: bool = False) -> None:
    """Print the report. With ``hints``, a mistake is not named, and its hint leads there."""
    functions = ", ".join(sorted(report.offers)) or "no function that is written yet"
    console.say(f"{report.name}: {functions}")
    if report.checks_made:
        console.print(_asked(report), highlight=False, soft_wrap=True)
        console.print(_table(report))
    for line in _lines(report, hints):
        console.say(line)
    console.say(sentence(report, hints), STYLES[report.outcome])


def sentence(report: CheckReport, hints: bool = False) -> str:
    """The verdict in one plain sentence."""
    if report.outcome is Outcome.MATCH:
        otherwise = f", with another convention than stated ({len(report.conventions)})" if report.conventions else ""
        caught = max((c.caught for c in report.checks if c.caught is not None), default=0.0)
        seen = f"; a relative error of {caught:.1g} in any of them would have been caught" if caught else ""
        return f"match{otherwise}: every difference to autograd's numbers is one that rounding can explain{seen}"
    if report.outcome is Outcome.INCONCLUSIVE:
        if not report.offers:
            return "inconclusive: there is nothing to check yet; fill in a function"
        return "inconclusive: the bound is larger than most of the numbers; little could have been seen"
    return f"mismatch: {_why(report, hints)}"


def _why(report: CheckReport, hints: bool) -> str:
    if report.explanations and not hints:
        names = [" and ".join(map(_with_layer, named)) for named in report.explanations]
        return names[0] if len(names) == 1 else f"one of {len(names)}: {'; or '.join(names)}"
    wrong = [check.equation for check in report.checks if check.verdict == "wrong"]
    if wrong:
        return f"{', '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} wrong, and rounding cannot explain it"
    if report.faults:
        return report.faults[0].sentence
    return "; ".join(report.conventions) or "see above"


def _asked(report: CheckReport) -> str:
    shown = [case for case, observed in report.examination.asked.values() if observed.shown()]
    cases = ", ".join(f"{'-'.join(map(str, case.sizes))} m={case.m}" for case in shown)
    nothing = "single z" if report.offers <= set(SLOTS) else "networks, and nothing came that could be judged"
    return f"asked about {cases or nothing}; {report.seconds:.2f} s"


def _table(report: CheckReport) -> Table:
    table = Table("equation", "verdict", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("worst r", justify="right")
    table.add_column("smallest error caught", justify="right")
    for check in report.checks:
        verdict = f"{check.verdict}{', ' if check.note else ''}{check.note}"
        worst = "" if check.worst is None else f"{check.worst:.3g}"
        caught = "" if check.caught is None else f"{check.caught:.1e}"
        table.add_row(check.equation, verdict, worst, caught, style=MARKS[check.verdict])
    return table


def _lines(report: CheckReport, hints: bool) -> Iterator[str]:
    yield from (f"fault: {_of_fault(fault)}" for fault in report.faults)
    for k, named in enumerate(report.explanations):
        yield "either" if k == 0 and len(report.explanations) > 1 else "or" if k else ""
        for one in named:
            yield f"hint: {one.hint}" if hints else f"{_with_layer(one)}\n  {one.explanation}\n  hint: {one.hint}"
    if report.outcome is Outcome.MISMATCH:
        yield from _evidence(report, hints)
    yield from (f"convention: {line}" for line in report.conventions)
    yield from (f"note: {line}" for line in report.notes)


def _evidence(report: CheckReport, hints: bool) -> Iterator[str]:
    yield from (f"found: {finding.sentence}" for finding in report.findings if not hints)
    yield from (f"seen: {found}" for found in report.elementwise if not found.right)
    for part in report.examination.parts.values():
        if not part.fits and (found := part.divergence):
            name, d = found
            case = report.examination.asked[name][0]
            yield f"seen: {part.function}, {'-'.join(map(str, case.sizes))} with m = {case.m}: {_came(d)}"
    if report.smallest is not None:
        yield f"smallest case that fails:\n{_indented(report.smallest[0])}"


def _came(d: Divergence) -> str:
    what = f"{d.key.name}[{d.key.layer}]{list(d.index or ())} is {d.actual!r}"
    if d.problem or d.expected is None or d.bound is None:
        return d.problem or what
    if not math.isfinite(d.expected):
        return f"{what}, and so is what it is computed from"
    return f"{what}, expected {d.expected!r}" + (f" to within {d.bound:.2g}" if math.isfinite(d.bound) else "")


def _indented(case: Case) -> str:
    return "\n".join(f"  {line}" for line in describe(case).splitlines())


def _with_layer(named: Named) -> str:
    return f"{named.name} ({named.equation}{f', layer {named.layer}' if named.layer else ''})"


def _of_fault(fault: Fault) -> str:
    where = f" ({fault.file}, line {fault.line})" if fault.file and fault.line else ""
    return f"{fault.sentence}{where}"
