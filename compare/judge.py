"""Judges blocks of steps: the reference from the other side's own parameters, the bound, the ratio, the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from compare.chain import first_break, last
from compare.contract import violations
from compare.key import Key, tensor
from compare.power import alarms, sample
from compare.precision import Precision, Probable
from compare.ratio import Comparison, Ratios
from compare.reference import Reference
from compare.side import Block
from compare.tolerance import Bounds, bounds
from compare.trace import Trace, Weights
from compare.verdict import Divergence, Verdict, locate, over

SMALL = 1e-10  # a unit roundoff below this makes what is of second order in it too small to count
CHANCE = 1e-16  # of a single bound failing for correct code, where errors are taken to have mean zero


@dataclass
class Judge:
    """Takes the blocks of a run in order, and keeps the verdict on all of them.

    ``actual_precision`` is that of the implementation under test, ``expected_precision`` the reference's.
    """

    reference: Reference
    eta: float
    actual_precision: Precision
    expected_precision: Precision
    verdict: Verdict = field(default_factory=Verdict)
    latest: Weights | None = None  # the parameters (1, …) that the next step has to start from, if they are known

    def block(self, block: Block, before: Weights, actual: Trace) -> Ratios:
        """Check K steps and take them into account; the ratios are empty if they could not be compared at all."""
        if self._breaks_contract(actual, "actual", before, block):
            return {}
        if self.verdict.steps_checked == 0:
            self.verdict.alarms = alarms(block.x[0], before)
        with np.errstate(all="ignore"):  # what is not finite has no bound, and is found as no step that matches
            return self._compare(block, before, actual)

    def _compare(self, block: Block, before: Weights, actual: Trace) -> Ratios:
        first = self.verdict.steps_checked
        self._follow(before, actual.after or before, first)
        expected = self.reference.trace(before, block.x, block.y, actual.scale)
        if self._breaks_contract(expected, "expected", before, block):
            return {}
        bound = self._bounds(block, before, expected, self.actual_precision + self.expected_precision)
        compared = Comparison(before, actual, expected, bound, self.eta, self.actual_precision)
        found = compared.ratios()
        self.verdict.add(found)
        sample(self.verdict.powers, compared, 0)
        self._conclude(compared, found, block, first)
        return found

    def reference_start(self, theirs: Weights) -> None:
        """Whether the reference's own training starts from the very parameters that the other side starts from."""
        if self.latest is not None and (broken := first_break(theirs, theirs, self.latest)):
            problem = f"expected side: {broken[1]} of torch's training does not start as on the actual side"
            self._diverge(Divergence(0, broken[1], problem=problem))

    def reference_step(self, wrong: Mapping[Key, tuple[float, int]]) -> None:
        """Take the reference's own training into account: its wrong gradients and updates, with r and the step."""
        for key, (r, step) in wrong.items():
            right = "w − η∇C" if key.equation == "SGD" else "the gradient at its own parameters"
            problem = f"expected side: {key} of torch's training is not {right}, by {r:.3g} times what rounding can do"
            self._diverge(Divergence(step, key, problem=problem))

    def output(self, parameters: Weights, x: np.ndarray, y: np.ndarray, a: np.ndarray, expected: Trace) -> None:
        """Check the outputs a (1, m, n_L) that the actual side is evaluated by, at the parameters that it has now."""
        key = Key("a = σ(z)", "activations", len(parameters.weights))
        with np.errstate(all="ignore"):
            bound = bounds(parameters, x, y, expected, 1.0, self.actual_precision + self.expected_precision)
            right = tensor(expected, key)
            found = locate(key, max(0, self.verdict.steps_checked - 1), a[0], right[0], bound.at(key, 0))
        if found and np.isfinite(right).all():
            where = f"the way forward that accuracy is measured by: {found.place}"
            self._diverge(Divergence(found.step, key, problem=where))

    def _breaks_contract(self, trace: Trace, side: str, before: Weights, block: Block) -> bool:
        for key, problem in violations(trace, side, before, block, self.reference.sizes):
            self._diverge(Divergence(self.verdict.steps_checked, key, problem=problem))
            return True
        return False

    def _follow(self, before: Weights, after: Weights, first: int) -> None:
        if broken := first_break(before, after, self.latest):
            k, key = broken
            problem = f"actual {key}: the step does not start from the parameters that the one before it ended with"
            self._diverge(Divergence(first + k, key, problem=problem))
        self.latest = last(after)

    def _diverge(self, divergence: Divergence) -> None:
        """Take it into account if it is earlier than what is known; the two threads find them in any order."""
        first = self.verdict.first_divergence
        if first is None or divergence.step < first.step:
            self.verdict.divergences.append(divergence)

    def _bounds(self, block: Block, before: Weights, expected: Trace, precision: Precision) -> Bounds:
        return bounds(before, block.x, block.y, expected, self.reference.factor, precision, expected.scale)

    def _conclude(self, compared: Comparison, found: Ratios, block: Block, first: int) -> None:
        verdict = self.verdict
        for k, key in over(found, 1):
            actual, expected, allowed = compared.elements(key, k)
            if not np.isfinite(actual).all() and not np.isfinite(expected).all():
                verdict.diverged_at = first + k if verdict.diverged_at is None else verdict.diverged_at
                return
            if divergence := locate(key, first + k, actual, expected, allowed):
                self._diverge(divergence)
                return
            verdict.first_doubt = verdict.first_doubt or Divergence(
                first + k, key, problem=f"{key} has no finite bound"
            )
        if verdict.first_doubt is None and over(found, self._least_gain(block, compared.before)):
            verdict.first_doubt = self._doubt(compared, block, first)

    def _doubt(self, compared: Comparison, block: Block, first: int) -> Divergence | None:
        """The first difference between the probable bound and the worst case, if there is one."""
        bound = self._bounds(block, compared.before, compared.expected, self._probable())
        compared = replace(compared, bound=bound)
        for k, key in over(compared.ratios(), 1):
            if doubt := locate(key, first + k, *compared.elements(key, k)):
                return doubt
        return None

    def _probable(self) -> Precision:
        return Probable.of(self.actual_precision + self.expected_precision, CHANCE)

    def _least_gain(self, block: Block, before: Weights) -> float:
        """How much smaller than the worst-case bound the probable one is at most: below that, no need to look."""
        worst, probable = self.actual_precision + self.expected_precision, self._probable()
        lengths = [*(n + 2 for w in before.weights for n in w.shape[1:]), block.y[0].size + 8, block.x.shape[1] + 6]
        order = 1 if worst.u < SMALL else 3  # in float32 the terms of second and third order count, and shrink faster
        gains = (probable.gamma(n) / worst.gamma(n) if worst.gamma(n) < np.inf else 0.0 for n in lengths)
        return min(gains) ** order
