"""A right implementation with edits in it, and the report of a check of it."""

import pytest
from submissions import RIGHT

from compare.check.check import Settings, check

SIGMOID = "    return 1 / (1 + np.exp(-z))\n"
PRIME = "    return sigmoid(z) * (1 - sigmoid(z))\n"
TEXTBOOK = "    return np.exp(-z) / (1 + np.exp(-z)) ** 2\n"
OF_Z = [
    (
        "    deltas = [factor * (a[-1] - y) * a[-1] * (1 - a[-1])]",
        "    zs = [x @ w.T + b for x, w, b in zip(a, weights, "
        "biases)]\n    deltas = [factor * (a[-1] - y) * sigmoid_prime(zs[-1])]",
    ),
    ("for w, a_l in zip(weights[:0:-1], a[-2:0:-1]):", "for w, z in zip(weights[:0:-1], zs[-2::-1]):"),
    ("deltas[0] @ w * a_l * (1 - a_l)", "deltas[0] @ w * sigmoid_prime(z)"),
]


def edited(*pairs, source=RIGHT):
    """The source with the second of each pair in place of the first."""
    for old, new in pairs:
        assert old in source
        source = source.replace(old, new)
    return source


@pytest.fixture
def report_of(tmp_path):
    """Checks a source; by keywords, with other settings."""

    def report(source, **settings):
        path = tmp_path / "net.py"
        path.write_text(source, encoding="utf-8")
        return check(path, settings=Settings(**settings))

    return report
