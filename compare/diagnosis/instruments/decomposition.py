"""Per-example decomposition: which examples of the mini-batch are in the gradient, and how much does each count?

g = Σ cᵢ gᵢ, with gᵢ the gradient of example i alone. Right is cᵢ = 1/m for all, or 1 where the cost is the sum.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from compare.diagnosis.case import Case, Observed
from compare.diagnosis.facts import CLOSE
from compare.diagnosis.instruments.quantity import Finding, Gradient, gradients
from compare.key import Key, tensor
from compare.trace import Trace

# How alike the examples' gradients may be, as a ratio of singular values, and how far cᵢ may then be off.
INDEPENDENT = {"float64": 1e-4, "float32": 1e-2}
SLACK = {"float64": 1e-6, "float32": 1e-2}


def examples(case: Case, observed: Observed, expected_of_each_example: list[Trace]) -> list[Finding]:
    """A finding for the gradient, or else for each tensor of it, in which the examples do not count as they should.

    ``expected_of_each_example[i]`` is the expected trace of example i as a mini-batch of one.
    """
    found = gradients(case, observed.trace)
    parts = {
        key: (gradient, [np.asarray(tensor(trace, key)[0], np.float64) for trace in expected_of_each_example])
        for key, gradient in found.items()
    }
    if case.m < 2 or any(g.value.shape != each[0].shape for g, each in parts.values()):
        return []
    if parts and (c := _coefficients(case, list(parts.values()))) is not None:
        return _finding(case, next(iter(parts)), "the gradient", c)
    return [finding for key, part in parts.items() for finding in _of_tensor(case, key, part)]


def _of_tensor(case: Case, key: Key, part: tuple[Gradient, list[np.ndarray]]) -> list[Finding]:
    c = _coefficients(case, [part])
    return [] if c is None else _finding(case, key, f"{key.name}[{key.layer}]", c)


def _coefficients(case: Case, parts: list[tuple[Gradient, list[np.ndarray]]]) -> np.ndarray | None:
    """The cᵢ (m,), if there is one answer only, and it gives the gradient to within rounding."""
    dtype = case.x.dtype.name
    sizes = [float(np.abs(gradient.value).max()) for gradient, _ in parts]
    if not np.isfinite(sizes).all() or not min(sizes) > 0:
        return None
    g = np.concatenate([gradient.value.ravel() / size for (gradient, _), size in zip(parts, sizes, strict=True)])
    of_each = [
        np.stack([one.ravel() for one in each], axis=1) / size for (_, each), size in zip(parts, sizes, strict=True)
    ]
    a = np.concatenate(of_each)
    lengths = np.linalg.norm(a, axis=0)
    if len(a) <= case.m or not lengths.all() or not _independent(a / lengths, INDEPENDENT[dtype]):
        return None
    c = np.linalg.lstsq(a, g, rcond=None)[0]
    noise = max(gradient.noise / size for (gradient, _), size in zip(parts, sizes, strict=True))
    return c if np.abs(g - a @ c).max() <= CLOSE[dtype] + noise else None


def _independent(a: np.ndarray, least: float) -> bool:
    singular = np.linalg.svd(a, compute_uv=False)
    return bool(singular[-1] > least * singular[0])


def _finding(case: Case, key: Key, what: str, c: np.ndarray) -> list[Finding]:
    """What the coefficients (m,) say, if they are not as they should be."""
    should = case.scale / case.m
    slack = SLACK[case.x.dtype.name] * np.abs(c).max()
    c = np.where(np.abs(c) <= slack, 0, c)
    if np.abs(c - should).max() <= SLACK[case.x.dtype.name] * should:
        return []
    return [Finding("examples", key, f"in {what} {_sentence(case, c, should, slack)}")]


def _sentence(case: Case, c: np.ndarray, should: float, slack: float) -> str:
    usual = float(np.median(c[c != 0]))
    odd = [i for i in range(case.m) if abs(c[i] - usual) > slack]
    weight = "" if abs(usual - should) <= slack else f", and {_value(usual)} is what each of the others counts"
    if np.count_nonzero(c) == 1:
        i = int(np.flatnonzero(c)[0])
        return f"only {_example(i, case.m)} counts, {_value(c[i])}; what is overwritten in the loop over the examples?"
    if not odd:
        return _uniform(case, usual, should)
    if all(c[i] == 0 for i in odd):
        verb = "are" if len(odd) > 1 else "is"
        return f"{_list(odd, case.m)} {verb} left out{weight}; where does your loop begin and end?"
    if len(odd) == 1:
        return f"{_list(odd, case.m)} {_counts(float(c[odd[0]] / usual))}{weight}; what is done to it alone?"
    return f"the examples count {', '.join(_value(float(one)) for one in c)}, not {_value(should)} each; why?"


def _uniform(case: Case, usual: float, should: float) -> str:
    kinds = {
        1 / case.m: "averaged, not summed; does your cost divide by m?",
        1.0: "summed, not averaged; where is 1/m?",
    }
    near = [words for value, words in kinds.items() if abs(usual - value) <= 1e-2 * value]
    kind = near[0] if near else "what else is it multiplied by?"
    return f"each example counts {_value(usual)}, not {_value(should)}: {kind}"


def _counts(times: float) -> str:
    if abs(times - 2) < 1e-2:
        return "is counted twice"
    return "counts with the wrong sign" if abs(times + 1) < 1e-2 else f"counts {times:.4g} times what the others do"


def _list(found: list[int], m: int) -> str:
    names = [_example(i, m) for i in found]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _example(i: int, m: int) -> str:
    return {0: "the first example", m - 1: "the last example"}.get(i, f"example {i + 1}, x[{i}],")


def _value(c: float) -> str:
    """As a fraction 1/n, where it is one."""
    near = Fraction(c).limit_denominator(1000)
    return str(near) if near.numerator == 1 and abs(float(near) - c) <= 1e-3 * abs(c) else f"{c:.4g}"
