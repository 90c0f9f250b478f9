"""Right implementations, every edit that an operator, a constant or a name of theirs may suffer, and what it changes.

Nothing here is taken from the bank of mistakes, and whether an edit is a mistake is found out by running it.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np

from compare.diagnosis.case import Case, Fault, Observed
from compare.submission.answers import Answer
from compare.submission.asking import ask
from compare.submission.conventions import Conventions
from compare.submission.host import Host
from compare.submission.loading import deepest
from compare.submission.network_class import METHODS
from compare.submission.observing import Observation
from compare.submission.worker import edited, shared

EQUATIONS = ("a = σ(z)", "σ′", "BP1", "BP2", "BP3", "BP4", "SGD")
TOGETHER = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))  # a = σ(z)

def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))  # σ′

def forward(weights, biases, x):
    zs, activations = [], [x]
    for w, b in zip(weights, biases):
        z = activations[-1] @ w.T + b  # a = σ(z)
        a = sigmoid(z)  # a = σ(z)
        zs.append(z)
        activations.append(a)
    return zs, activations

def feedforward(weights, biases, x):
    return forward(weights, biases, x)[1]

def backprop(weights, biases, x, y):
    m, L = len(x), len(weights)
    zs, activations = forward(weights, biases, x)
    deltas, nabla_w, nabla_b = [None] * L, [None] * L, [None] * L
    deltas[-1] = (activations[-1] - y) * sigmoid_prime(zs[-1])  # BP1
    for l in reversed(range(L - 1)):
        deltas[l] = deltas[l + 1] @ weights[l + 1] * sigmoid_prime(zs[l])  # BP2
    for l in range(L):
        nabla_b[l] = deltas[l].sum(axis=0) / m  # BP3
        nabla_w[l] = deltas[l].T @ activations[l] / m  # BP4
    return nabla_w, nabla_b, deltas

def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b, _ = backprop(weights, biases, x, y)
    new_weights = [w - eta * dw for w, dw in zip(weights, nabla_w)]  # SGD
    new_biases = [b - eta * db for b, db in zip(biases, nabla_b)]  # SGD
    return new_weights, new_biases
"""
ONE_BY_ONE = """
import numpy as np

def sigmoid(z):
    return np.reciprocal(1 + np.exp(-z))  # a = σ(z)

def sigmoid_prime(z):
    return sigmoid(z) * sigmoid(-z)  # σ′

def forward(weights, biases, one):
    zs, outputs = [], [one]
    for w, b in zip(weights, biases):
        zs.append(np.dot(w, outputs[-1]) + b)  # a = σ(z)
        outputs.append(sigmoid(zs[-1]))  # a = σ(z)
    return zs, outputs

def feedforward(weights, biases, x):
    each = [forward(weights, biases, one)[1] for one in x]
    return [np.array(layer) for layer in zip(*each)]

def backprop(weights, biases, x, y):
    m = len(x)
    nabla_w = [np.zeros_like(w) for w in weights]
    nabla_b = [np.zeros_like(b) for b in biases]
    for one, wanted in zip(x, y):
        zs, outputs = forward(weights, biases, one)
        delta = (outputs[-1] - wanted) * sigmoid_prime(zs[-1])  # BP1
        for l in range(1, len(weights) + 1):
            if l > 1:
                delta = np.dot(weights[-l + 1].T, delta) * sigmoid_prime(zs[-l])  # BP2
            nabla_b[-l] += delta / m  # BP3
            nabla_w[-l] += np.outer(delta, outputs[-l - 1]) / m  # BP4
    return nabla_w, nabla_b

def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b = backprop(weights, biases, x, y)
    new_weights = [w - eta * dw for w, dw in zip(weights, nabla_w)]  # SGD
    new_biases = [b - eta * db for b, db in zip(biases, nabla_b)]  # SGD
    return new_weights, new_biases
"""
FILE = "edited.py"  # what faults take it to be
SOURCES = {"together": TOGETHER, "one by one": ONE_BY_ONE}

OPERATORS = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Add, ast.Sub, ast.Div, ast.MatMult),
    ast.Div: (ast.Mult, ast.Sub),
    ast.MatMult: (ast.Mult, ast.Add),
}
NAMES = [  # of the same kind of thing, so that one may be written for another where both are in scope
    ("zs", "activations"),
    ("zs", "outputs"),
    ("delta", "wanted"),
    ("outputs", "weights"),
    ("deltas", "activations", "zs"),
    ("weights", "nabla_w"),
    ("w", "dw"),
    ("b", "db"),
    ("eta", "b"),
    ("sigmoid", "sigmoid_prime"),
]
ATTRIBUTES = [("sum", "mean", "max", "prod", "cumsum"), ("exp", "expm1", "exp2"), ("outer", "dot", "multiply")]


@dataclass(frozen=True)
class Edit:
    """One line of a source, as it should be and as it is written instead."""

    equation: str
    right: str
    wrong: str

    def __str__(self) -> str:
        """For a list of them."""
        return f"{self.equation}: {self.right}  →  {self.wrong}"

    def of(self, source: str) -> str:
        """The source with that edit."""
        marked = f"{self.right}  # {self.equation}"
        if source.count(marked) != 1:
            raise ValueError(f"{marked!r} stands {source.count(marked)} times in the source; expected once")
        return source.replace(marked, f"{self.wrong}  # {self.equation}")


def edits(source: str) -> list[Edit]:
    """Every edit of every line that is marked with its equation."""
    found = []
    for line in source.splitlines():
        code, _, equation = line.strip().partition("  # ")
        if equation in EQUATIONS:
            found += [Edit(equation, code, wrong) for wrong in rewritten(code)]
    return found


def rewritten(code: str) -> list[str]:
    """The statement with one of its expressions replaced, in every way that there is."""
    right = ast.parse(code).body[0]
    found: dict[str, None] = {}
    for i, node in enumerate(_nodes(right)):
        for k in range(len(list(_alternatives(node)))):
            statement = deepcopy(right)
            old = _nodes(statement)[i]
            found[ast.unparse(_Replace(old, list(_alternatives(old))[k]).visit(statement))] = None
    return [wrong for wrong in found if wrong != ast.unparse(right)]


def _nodes(statement: ast.stmt) -> list[ast.AST]:
    """What may be replaced in it: a value, not what it is assigned to; what is appended, not the call that appends."""
    value: Any = statement.value  # type: ignore[attr-defined]
    if isinstance(statement, ast.Expr):
        value = value.args[0]
    return [statement, *ast.walk(value)] if isinstance(statement, ast.AugAssign) else list(ast.walk(value))


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def _alternatives(node: ast.AST) -> Iterator[ast.AST]:
    """What may be written in place of the node."""
    match node:
        case ast.BinOp(left, op, right):
            yield from (ast.BinOp(left, other(), right) for other in OPERATORS[type(op)])
            yield left  # the other one is forgotten
            yield right
            yield ast.BinOp(right, op, left)
            yield ast.BinOp(ast.Constant(2), ast.Mult(), node)
            yield ast.UnaryOp(ast.USub(), node)
        case ast.AugAssign(target, op, value):
            yield ast.AugAssign(target, ast.Sub(), value)
            yield ast.Assign([target], value, lineno=1)
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.Constant(value=int()):
            yield from (ast.Constant(number) for number in (node.value + 1, node.value - 1, 2 * node.value, 0))
        case ast.Subscript(value, index, ctx):
            yield from (ast.Subscript(value, ast.BinOp(index, op(), ast.Constant(1)), ctx) for op in (ast.Add, ast.Sub))
            yield ast.UnaryOp(ast.USub(), node)
        case ast.Attribute(value, "T"):
            yield value
        case ast.Attribute(value, name, ctx):
            yield from (ast.Attribute(value, other, ctx) for other in _others(name, ATTRIBUTES))
        case ast.Name(name, ctx):
            yield from (ast.Name(other, ctx) for other in _others(name, NAMES))
        case ast.Call(function, arguments, keywords):
            yield from arguments[:1]  # the call is forgotten
            yield ast.UnaryOp(ast.USub(), node)
            if keywords:
                yield ast.Call(function, arguments, [])
            if len(arguments) > 1:
                yield ast.Call(function, arguments[::-1], keywords)


def _others(name: str, groups: list[tuple[str, ...]]) -> list[str]:
    return [other for group in groups if name in group for other in group if other != name]


# ---------------------------------------------------------------------------------------- asked, as a file is asked


class Program:
    """A subject from source text that is run here, and not in a process of its own; all else is as with a file."""

    def __init__(self, source: str) -> None:
        self.host = _Host(source)

    @property
    def offers(self) -> frozenset[str]:
        """The names of its functions."""
        return frozenset(self.host.offers)

    def observe(self, case: Case) -> Observed:
        """What its functions show of a case."""
        observation = Observation(self.host, Conventions(), case)
        for name in METHODS:
            getattr(observation, name)()
        return observation.observed

    def call(self, name: str, z: np.ndarray) -> tuple[np.ndarray | None, list[Fault]]:
        """sigmoid or sigmoid_prime of every element of z."""
        faults: list[Fault] = []
        answer = Answer(name, z.dtype, None, "an array of the shape of z", finite=True, faults=faults)
        returned = ask(self.host, answer, {"z": z})
        return (answer.array(returned.value, f"{name}(z)", z.shape) if returned else None), faults


class _Host(Host):
    """What answers in place of a worker's process; the arguments are copied, as they are on the way to one."""

    def __init__(self, source: str) -> None:
        self.functions, self.network, self.seconds = run(source), False, 10.0
        self.offers = dict.fromkeys(("sigmoid", "sigmoid_prime", *METHODS))

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        given, arguments = request["arguments"], deepcopy(request["arguments"])
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                value = self.functions[request["function"]](*arguments.values())
            except Exception as e:
                place = deepest(e.__traceback__, [FILE])
                return {"error": {"kind": "raised", "type": type(e).__name__, "message": str(e), "place": place}}
        modified = [name for key in given for name in edited(given[key], arguments[key], key)]
        return {"value": value, "modified": modified, "edits": None, "shares": shared(value, arguments)}


def run(source: str) -> dict[str, Any]:
    """Its functions."""
    namespace: dict[str, Any] = {}
    exec(compile(source, FILE, "exec"), namespace)
    return namespace


# ------------------------------------------------------------------- is an edit a mistake? found out without backproof

SHAPES = [((6, 5, 4, 3), 7), ((3, 7, 2, 5), 4), ((5, 5, 5, 5), 5), ((2, 3, 4, 6), 1)]
Z = np.linspace(-30, 30, 101)
ETA = 0.3
SAME = 1e-10  # relative to the largest element: far above rounding, far below what an edit does


def effect(source: str, right: str) -> str:
    """What the edited source does otherwise: "nothing", it means another "convention", or it is a "mistake"."""
    asked = [_asked(sizes, m, seed) for seed, (sizes, m) in enumerate(SHAPES)]
    expected, actual = ([_shown(text, *of) for of in asked] for text in (right, source))
    if any(shown is None for shown in actual) or not _same(_functions(source), _functions(right)):
        return "mistake"
    pairs = list(zip(actual, expected, strict=True))
    if all(_same(a, e) for a, e in pairs):
        return "nothing"
    return "convention" if _is_convention(pairs, [m for _, m in SHAPES]) else "mistake"


def _is_convention(pairs: list[tuple[Any, Any]], ms: list[int]) -> bool:
    """A gradient that is a cost's, and a step down the gradient of a cost: ½‖·‖² or ‖·‖², the mean or the sum."""
    forward = all(_same(a["activations"], e["activations"]) for a, e in pairs)
    costs = list(product((1, 2), (False, True)))
    gradient = any(
        all(
            _same(a["gradient"], _times(sign * factor * (m if summed else 1), e["gradient"]))
            and _same(a["deltas"], _times(sign * factor, e["deltas"]))
            for (a, e), m in zip(pairs, ms, strict=True)
        )
        for (factor, summed), sign in product(costs, (1, -1))
    )
    step = any(
        all(
            _same(a["step"], _times(factor * (m if summed else 1), e["step"]))
            for (a, e), m in zip(pairs, ms, strict=True)
        )
        for factor, summed in costs
    )
    return forward and gradient and step


def _asked(sizes: tuple[int, ...], m: int, seed: int) -> tuple[Any, ...]:
    rng = np.random.default_rng([8, seed])
    weights = [rng.normal(size=(n, below)) for below, n in pairwise(sizes)]
    biases = [rng.normal(size=n) for n in sizes[1:]]
    return weights, biases, rng.normal(size=(m, sizes[0])), rng.random((m, sizes[-1]))


def _shown(source: str, weights: Any, biases: Any, x: Any, y: Any) -> dict[str, Any] | None:
    """All that it gives, or None if it cannot; the step is what is added to each parameter."""
    f = run(source)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            activations = f["feedforward"](weights, biases, x)
            nabla_w, nabla_b, *deltas = f["backprop"](weights, biases, x, y)
            after = f["update_mini_batch"](weights, biases, x, y, ETA)
            steps = [new - old for new, old in zip([*after[0], *after[1]], [*weights, *biases], strict=True)]
        except Exception:
            return None
    return {
        "activations": activations,
        "gradient": [*nabla_w, *nabla_b],
        "deltas": deltas[0] if deltas else [],
        "step": steps,
        "after": [*after[0], *after[1]],
    }


def _functions(source: str) -> list[Any] | None:
    f = run(source)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return [f["sigmoid"](Z), f["sigmoid_prime"](Z)]
        except Exception:
            return None


def _times(factor: float, arrays: list[np.ndarray]) -> list[np.ndarray]:
    return [factor * array for array in arrays]


def _same(one: Any, other: Any) -> bool:
    """The same numbers in the same shapes."""
    if isinstance(other, dict):
        return all(_same(one[name], other[name]) for name in other)
    if isinstance(other, list):
        return isinstance(one, list) and len(one) == len(other) and all(map(_same, one, other))
    if np.shape(one) != np.shape(other):
        return False
    return bool(np.abs(one - other).max() <= SAME * np.abs(other).max())
