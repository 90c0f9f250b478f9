"""The update of a file whose backprop gives nothing that it could go by: right, if it steps by what stands in for that?

It is asked in a new process, in which backprop gives drawn numbers in the shapes of weights and biases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from compare.check.evidence import stays
from compare.check.report import CheckReport
from compare.check.subject import GRADIENT, UPDATE
from compare.diagnosis.case import Case, Observed
from compare.grade.asking.asked import Asked
from compare.grade.asking.questions import Questions
from compare.grade.judging.exactly import CLOSE, exactly
from compare.grade.judging.faults import HARMLESS
from compare.submission.conventions import Conventions
from compare.trace import Weights

STANDS = "right, by a gradient that stands in for that of your backprop"
RESULTS = (2, 3)  # of backprop: ∇w and ∇b, and maybe δ
# Definitions only, as these count below a line that raises, too. The functions may lie in a file beside.
TEXT = """

def _stand_in(*_, gradients=iter({gradients}), **__):
    import numpy
    return tuple([numpy.array(layer) for layer in layers] for layers in next(gradients))

class Network(globals().get("Network", object)):
    backprop = _stand_in
    if "update_mini_batch" in globals():
        update_mini_batch.__globals__["backprop"] = _stand_in
"""
Ask = Callable[[Questions, bytes], Asked | None]


@dataclass(frozen=True)
class Drawn:
    """Gradients in place of those of some cases, one for each call: of each layer ∇w (n_out, n_in) and ∇b (n_out,)."""

    cases: Sequence[Case]
    gradients: Sequence[tuple[list[np.ndarray], list[np.ndarray]]]

    @classmethod
    def of(cls, cases: Sequence[Case], rng: np.random.Generator) -> Drawn:
        """As many as there are examples."""
        weights, biases = ([a.shape for a in of] for of in (cases[0].weights, cases[0].biases))
        calls = range(sum(case.m for case in cases))
        return cls(
            cases, [([rng.normal(size=w) for w in weights], [rng.normal(size=b) for b in biases]) for _ in calls]
        )

    def steps(self, eta: float, each: bool, mean: bool) -> Iterator[Weights]:
        """Where a step from each case ends: by η times the sum, or mean, of the calls, which are one for ``each``."""
        calls = iter(self.gradients)
        for case in self.cases:
            of = list(islice(calls, case.m if each else 1))
            step = eta * case.eta / (case.m if mean else 1)
            nabla_w, nabla_b = zip(*of, strict=True)
            yield Weights(_stepped(case.weights, nabla_w, step), _stepped(case.biases, nabla_b, step))


def _stepped(before: Sequence[np.ndarray], calls: Sequence[list[np.ndarray]], step: float) -> list[np.ndarray]:
    layers = zip(before, zip(*calls, strict=True), strict=True)
    return [array - step * np.sum(nablas, axis=0) for array, nablas in layers]


def doubtful(report: CheckReport) -> bool:
    """Whether backprop is wrong or gives nothing, and the update is, too, which may come of it."""
    stay = UPDATE in report.examination.parts and stays(report.examination.parts[UPDATE], report.examination.asked)
    return UPDATE in report.offers and _at_fault(GRADIENT, report) and (stay or _at_fault(UPDATE, report))


def _at_fault(function: str, report: CheckReport) -> bool:
    faulty = any(fault.function == function and fault.kind not in HARMLESS for fault in report.faults)
    return faulty or function in report.examination.wrong or function not in report.examination.parts


def stands(questions: Questions, form: Conventions, seed: int, ask: Ask) -> bool:
    """Whether the update goes down what was drawn; ``ask``: in a process with that text below the file."""
    same = [case for case in questions.cases if case.sizes == questions.cases[0].sizes]
    several, single = [case for case in same if case.m > 1][:2], [case for case in same if case.m == 1][:1]
    for cases in (several, single):
        drawn = Drawn.of(cases, np.random.default_rng(seed))
        for results in RESULTS:
            asked = ask(questions.only(form, [UPDATE], cases=cases), _text(drawn, form, results))
            observed = [asked.recorded.observe(case) for case in cases] if asked else []
            if observed and _go_down(observed, drawn, form):
                return True
        if any(one.faults or one.trace.after for one in observed):
            break  # or else it takes single examples only
    return False


def _go_down(observed: Sequence[Observed], drawn: Drawn, form: Conventions) -> bool:
    """In one way of calling backprop and taking the mean."""
    eta = -1.0 if form.sign == "minus" else 1.0
    ways = [(False, False), (True, not form.summed)] + ([] if form.summed else [(False, True)])
    after = [one.trace.after for one in observed]
    return any(all(map(_ends, after, drawn.steps(eta, each, mean))) for each, mean in ways)


def _text(drawn: Drawn, form: Conventions, results: int) -> bytes:
    """Below the file: what its backprop gives, call by call, in that form."""
    gradients = []
    for nabla_w, nabla_b in drawn.gradients:
        layers = [[a.tolist() for a in of] for of in (form.weights_of(nabla_w, nabla_b), form.biases_of(nabla_b))]
        gradients.append((layers if form.gradients == "w, b" else layers[::-1]) + [layers[1]] * (results - 2))
    return TEXT.format(gradients=gradients).encode()


def _ends(after: Weights | None, step: Weights) -> bool:
    if after is None:
        return False
    pairs = [*zip(after.weights, step.weights, strict=True), *zip(after.biases, step.biases, strict=False)]
    return all(came is not None and exactly(came[0], right, CLOSE) for came, right in pairs)
