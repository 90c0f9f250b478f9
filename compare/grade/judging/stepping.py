"""The update of a file whose backprop gives nothing that it could go by: right, if it steps by what stands in for that?

It is asked in a new process, in which backprop gives drawn numbers in the shapes of weights and biases.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from compare.check.evidence import stays
from compare.check.report import CheckReport
from compare.check.subject import GRADIENT, UPDATE
from compare.diagnosis.case import Case, Observed
from compare.grade.asking import stand_in
from compare.grade.asking.asked import Asked
from compare.grade.asking.questions import Questions
from compare.grade.judging.exactly import CLOSE, exactly
from compare.grade.judging.faults import HARMLESS
from compare.submission.conventions import Conventions
from compare.trace import Weights

STANDS = "right, by a gradient that stands in for that of your backprop"
RESULTS = (2, 3)  # of backprop: ∇w and ∇b, and maybe δ
SOURCE = "\n\n" + inspect.getsource(stand_in)
CALL = """
class BackproofStandIn:  # a definition, as these count below a line that raises, too
    backproof_stand_in({cases!r}, globals())
"""
Ask = Callable[[Questions, bytes], Asked | None]


@dataclass(frozen=True)
class Gradient:
    """Of each layer ∇w (n_out, n_in) and ∇b (n_out,)."""

    nabla_w: list[np.ndarray]
    nabla_b: list[np.ndarray]


@dataclass(frozen=True)
class Drawn:
    """In place of the gradients of a case: that of the mini-batch, and those of its examples."""

    case: Case
    whole: Gradient
    each: Sequence[Gradient]

    @classmethod
    def of(cls, case: Case, rng: np.random.Generator) -> Drawn:
        """Normally distributed numbers."""
        whole, *each = (
            Gradient(*([rng.normal(size=array.shape) for array in of] for of in (case.weights, case.biases)))
            for _ in range(1 + case.m)
        )
        return cls(case, whole, each)

    def step(self, eta: float, each: bool, mean: bool) -> Weights:
        """Where a step ends that goes by η times the sum, or the mean, of one gradient or of those of each example."""
        gradients, over = self.each if each else [self.whole], self.case.m if mean else 1
        by = eta * self.case.eta / over
        return Weights(
            _stepped(self.case.weights, [one.nabla_w for one in gradients], by),
            _stepped(self.case.biases, [one.nabla_b for one in gradients], by),
        )


def _stepped(before: Sequence[np.ndarray], gradients: Sequence[list[np.ndarray]], by: float) -> list[np.ndarray]:
    layers = zip(before, zip(*gradients, strict=True), strict=True)
    return [array - by * np.sum(nablas, axis=0) for array, nablas in layers]


def doubtful(report: CheckReport) -> bool:
    """Whether backprop is wrong or gives nothing, and the update is, too, which may come of it."""
    stay = UPDATE in report.examination.parts and stays(report.examination.parts[UPDATE], report.examination.asked)
    return UPDATE in report.offers and _at_fault(GRADIENT, report) and (stay or _at_fault(UPDATE, report))


def _at_fault(function: str, report: CheckReport) -> bool:
    faulty = any(fault.function == function and fault.kind not in HARMLESS for fault in report.faults)
    return faulty or function in report.examination.wrong or function not in report.examination.parts


def stands(questions: Questions, form: Conventions, seed: int, strict: bool, ask: Ask) -> bool:
    """Whether the update goes down what was drawn; ``ask``: in a process with that text below the file.

    It is asked about two mini-batches; or, if it takes no more, about one example.
    """
    rng, same = np.random.default_rng(seed), [c for c in questions.cases if c.sizes == questions.cases[0].sizes]
    for cases in ([case for case in same if case.m > 1][:2], [case for case in same if case.m == 1][:1]):
        drawn = [Drawn.of(case, rng) for case in cases]
        for results in RESULTS:
            asked = ask(questions.only(form, [UPDATE], cases=cases), _below(drawn, form, results))
            observed = [asked.recorded.observe(case) for case in cases] if asked else []
            if observed and _go_down(observed, drawn, form, strict):
                return True
        if any(one.faults or one.trace.after for one in observed):
            break
    return False


def _go_down(observed: Sequence[Observed], drawn: Sequence[Drawn], form: Conventions, strict: bool) -> bool:
    """In one way of calling backprop, and of taking the mean or not: whether that is a mistake, backprop would tell."""
    eta = -1.0 if form.sign == "minus" else 1.0
    ways = [(each, mean) for each in (True, False) for mean in (True, False)]
    if strict:
        ways.remove((True, form.summed))
    after = [one.trace.after for one in observed]
    return any(all(map(_ends, after, [one.step(eta, each, mean) for one in drawn])) for each, mean in ways)


def _below(drawn: Sequence[Drawn], form: Conventions, results: int) -> bytes:
    """The text below the file: for each case the arguments of backprop and what it gives, in that form."""

    def given(of: Gradient) -> list[Any]:
        layers = [form.weights_of(of.nabla_w, of.nabla_b), form.biases_of(of.nabla_b)]
        return [*(layers if form.gradients == "w, b" else layers[::-1]), *[layers[1]] * (results - 2)]

    cases = []
    for one in drawn:
        case = one.case
        examples = [(case.x, case.y, given(one.whole)), *zip(case.x, case.y, map(given, one.each), strict=True)]
        cases.append((form.weights_of(case.weights, case.biases), form.biases_of(case.biases), examples))
    return (SOURCE + CALL.format(cases=_plain(cases))).encode()


def _plain(value: Any) -> Any:
    """With lists of numbers in place of arrays."""
    return value.tolist() if isinstance(value, np.ndarray) else [_plain(one) for one in value]


def _ends(after: Weights | None, step: Weights) -> bool:
    if after is None:
        return False
    pairs = [*zip(after.weights, step.weights, strict=True), *zip(after.biases, step.biases, strict=False)]
    return all(came is not None and exactly(came[0], right, CLOSE) for came, right in pairs)
