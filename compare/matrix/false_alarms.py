"""Owns the count of false alarms: random problems, right programs, and whether the verdict ever says mismatch.

``python -m compare.matrix.false_alarms`` asks about 10,000 of them and writes docs/false-alarms.csv.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise, product
from pathlib import Path

import numpy as np
from rich.progress import track

from compare.diagnosis.case import Case
from compare.diagnosis.derivation import Derivation
from compare.diagnosis.judging import judge
from compare.matrix.implementations import Program, right
from torch_ref.threads import one_thread

# What a standard normal weight of a neuron of n inputs is multiplied with.
REGIMES = {
    "N(0,1)": lambda n: 1.0,
    "N(0,1)/√n": lambda n: n**-0.5,
    "saturated": lambda n: 10.0,
    "tiny": lambda n: 1e-6,
    "zero": lambda n: 0.0,
}
DTYPES = ("float64", "float32")
LARGEST = 300_000  # numbers in all activations or weights of a problem, so that ten thousand come to an end


@dataclass
class Line:
    """What was seen in one regime and dtype: problems, mismatches among them, and the largest r."""

    regime: str
    dtype: str
    problems: int = 0
    mismatches: list[str] = field(default_factory=list)
    worst: float = 0.0


def count(problems: int, seed: int = 0) -> list[Line]:
    """Judge that many random right problems, the same number in every regime and dtype."""
    lines = [Line(regime, dtype) for dtype, regime in product(DTYPES, REGIMES)]
    programs = list(right())
    for k in track(range(problems), "right problems", transient=True):
        line, rng = lines[k % len(lines)], np.random.default_rng([seed, k])
        case = random_problem(rng, line.regime, line.dtype)
        program = programs[rng.integers(len(programs))]
        worst, at = judged(program, case)
        line.problems += 1
        line.worst = max(line.worst, worst)
        if not worst <= 1:
            line.mismatches.append(f"problem {k}: {program.name}, {'-'.join(map(str, case.sizes))}, m = {case.m}: {at}")
    return lines


def judged(program: Program, case: Case) -> tuple[float, str]:
    """The largest r of what the program shows of a case, and of which quantity."""
    found = judge(case, Derivation(program.planted).observe(case)).worst
    key = max(found, key=lambda key: found[key])
    return found[key], str(key)


def random_problem(rng: np.random.Generator, regime: str, dtype: str) -> Case:
    """1 to 5 layers, 1 to 784 neurons wide, 1 to 64 examples; either cost; inputs and targets of two kinds."""
    while True:
        sizes = [_width(rng) for _ in range(rng.integers(2, 7))]
        m = int(rng.integers(1, 65))
        if max(sum(a * b for a, b in pairwise(sizes)), m * sum(sizes)) <= LARGEST:
            break
    spread = REGIMES[regime]
    weights = [spread(n_in) * rng.standard_normal((n_out, n_in)) for n_in, n_out in pairwise(sizes)]
    biases = [spread(1) * rng.standard_normal(n_out) for n_out in sizes[1:]]
    pixels = rng.integers(0, 256, (m, sizes[0])) / 255
    x = np.where(rng.random(sizes[0]) < 0.5, 0, pixels) if rng.random() < 0.5 else rng.standard_normal((m, sizes[0]))
    labels = np.eye(sizes[-1])[rng.integers(0, sizes[-1], m)]
    y = labels if rng.random() < 0.5 else rng.standard_normal((m, sizes[-1]))
    arrays = [[array.astype(dtype) for array in arrays] for arrays in (weights, biases, [x, y])]
    eta, factor = float(10 ** rng.uniform(-3, 1)), float(rng.choice([1.0, 2.0]))
    return Case(arrays[0], arrays[1], arrays[2][0], arrays[2][1], eta, factor, bool(rng.integers(2)))


def _width(rng: np.random.Generator) -> int:
    """As often below 10 as from there on, up to 784."""
    return int(rng.integers(1, 10)) if rng.random() < 0.5 else int(np.exp(rng.uniform(np.log(10), np.log(785))))


def rows(lines: list[Line]) -> Iterator[list[object]]:
    """The table, with its head and the sum of all lines."""
    yield ["dtype", "regime", "problems", "mismatches", "worst_r"]
    for line in lines:
        yield [line.dtype, line.regime, line.problems, len(line.mismatches), f"{line.worst:.3f}"]
    total = sum(line.problems for line in lines), sum(len(line.mismatches) for line in lines)
    yield ["all", "all", *total, f"{max(line.worst for line in lines):.3f}"]


def main() -> None:
    """Count, print the table, and write it."""
    options = argparse.ArgumentParser(description="False alarms among random right problems.")
    options.add_argument("--problems", type=int, default=10_000)
    options.add_argument("--out", type=Path, default=Path("docs/false-alarms.csv"))
    arguments = options.parse_args()
    with one_thread():
        lines = count(arguments.problems)
    table = list(rows(lines))
    with arguments.out.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(table)
    for row in table:
        print("  ".join(f"{value!s:>10}" for value in row))
    for line in lines:
        for mismatch in line.mismatches:
            print(mismatch)


if __name__ == "__main__":
    main()
