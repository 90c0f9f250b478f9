"""Results as they can come: of every status, with every part, and with text that wants to do harm."""

from __future__ import annotations

import random
from dataclasses import replace

from compare.grade.result import CHECKS, Graded, Mistake, Result

NAMES = ("σ′ left out of BP1", "∇w transposed", "η forgotten", "∇b not divided by m", "w not transposed in BP2")
NASTY = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "{{ 7 * 7 }}{% raw %}",
    "]]></failure><error/>&amp;&nbsp;",
    "=HYPERLINK('x')",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "\x00\x08\x0b\ufffe\ud800\u202egnp.exe",
    "../../etc/passwd",
    "",
)


def mistake(name=NAMES[0], confidence=1.0, **changed):
    """One with what a teacher is told, and a student may not be."""
    words = {"explanation": f"explained: {name}", "hint": f"a hint that leads to: {name}"}
    equation = next((e for e in ("BP1", "BP2") if e in name), "BP4")
    return replace(Mistake(name, equation, 2, **words, confidence=confidence), **changed)


def checks(failed=(), not_run=(), carried=()):
    """One of each equation; two points, and three for BP2."""
    return [_check(name, failed, not_run, carried) for name in CHECKS]


def _check(name, failed, not_run, carried):
    most = 3.0 if name == "BP2" else 2.0
    if name in failed:
        return Graded(name, "failed", 0.0, most, "the largest error is 3.2e+09 times what rounding can explain", 3.2e9)
    why = ", ".join(failed) or "nothing"
    if name in not_run:
        return Graded(name, "not run", 0.0, most, f"not run, as {why} did not pass, which it builds on")
    reason = "right, given the values that your code has before it" if name in carried else ""
    return Graded(name, "passed", most, most, reason, 0.31, name in carried)


def right(student="ada"):
    """Full points."""
    maps = {"nabla_w[1]": [[0.2, 0.1], [0.0, 0.4], [0.3, 0.9]], "nabla_b[1]": [[0.1, 0.0, 0.2]]}
    costs = {"own": [0.5, 0.4, 0.33], "expected": [0.5, 0.4, 0.33]}
    return Result(student, "graded", checks(), heatmaps=maps, trajectory=costs, seconds=0.4, key="k" * 64)


def wrong(student="bob", **changed):
    """Some of everything, and a mistake that the student may only have a hint of."""
    maps = {
        "deltas[2]": [[3e9, 4e8, 1e13], [None, 2.0, 0.5]],
        "nabla_w[1]": [[0.5 * 10 ** ((i * 5 + j) % 16) for j in range(6)] for i in range(5)],
        "nabla_b[1]": [[0.1, 2e3, 4e6, 8e10, 0.3]],
        "weights[1]": [[None, None], [None, None]],
    }
    costs = {"own": [0.5, 0.52, 0.57, None, 0.7], "expected": [0.5, 0.44, 0.4, 0.37, 0.35]}
    result = Result(
        student,
        "graded",
        checks(failed=("BP1", "BP2"), not_run=("trajectory",), carried=("BP3", "BP4")),
        shown=["Look at how the error at the output is made: a factor of BP1 is missing."],
        mistakes=[mistake()],
        conventions=["The cost is the sum over the examples, and the assignment has the mean; that costs no points."],
        printed="epoch 1 …\nloss: 0.52\n",
        heatmaps=maps,
        trajectory=costs,
        seconds=0.8,
        key="0123456789abcdef" * 4,
    )
    return replace(result, **changed)


def not_gradable(student="eve"):
    """A file that does not begin to run."""
    message = "line 12: SyntaxError: '(' was never closed\n    nabla_w = np.dot(delta, a.T"
    unknown = [replace(check, reason="not run, as the file cannot be graded") for check in checks(not_run=CHECKS)]
    return Result(student, "not gradable", unknown, message=message, seconds=0.1)


def not_graded(student="mallory"):
    """The grader broke down; its message is for the teacher."""
    return Result(student, "not graded", [], message="the worker could not be started: no memory is left")


def nasty(words=None):
    """Everything that a student can choose is hostile."""
    words = "".join(NASTY) if words is None else words
    return replace(
        wrong(words),
        checks=[replace(check, reason=words) for check in checks(failed=("BP1",))],
        message=words,
        shown=[words],
        conventions=[words],
        printed=words,
        mistakes=[mistake(explanation=words)],
        heatmaps={words: [[1.0, float("inf")], [float("nan"), None]]},
        trajectory={"own": [float("nan"), float("inf"), 1e308, -1e308], "expected": [0.1]},
    )


def a_class(size, seed=0):
    """As a class is: most have few mistakes, one mistake is common, two students share a rare one."""
    draw = random.Random(seed)
    return [_one(f"student{k:04d}", draw) for k in range(size)]


def _one(student, draw):
    kind = draw.random()
    if kind < 0.05:
        return not_gradable(student)
    if kind < 0.07:
        return not_graded(student)
    if kind < 0.4:
        return right(student)
    made = [name for name, share in zip(NAMES, (0.5, 0.2, 0.1, 0.05, 0.04), strict=True) if draw.random() < share]
    failed = draw.sample(CHECKS, len(made) + 1)
    return replace(wrong(student), mistakes=[mistake(name) for name in made], checks=checks(failed, failed[:0]))
