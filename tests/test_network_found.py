"""Of functions and a class in one file, those are asked that are written; a class may have a name of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from grade_one import PRIME, not_passed, result
from planted import faults
from submissions import NIELSEN, RIGHT, loaded

from compare.diagnosis import pytest_parts
from compare.submission import starting_file

catches, test_a_planted_fault_is_caught = faults("compare")
pytestmark = pytest.mark.usefixtures("without_shapes")

TEMPLATE = Path(starting_file.__file__).read_text(encoding="utf-8")
HELPER = "\ndef feedforward(network, x):\n    return network.feedforward(x)\n"
OWN_NAME = NIELSEN.replace("class Network", "class NeuralNet")
TO_DO = """
class Network:
    def backprop(self, x, y):
        raise NotImplementedError
"""
FOUND = {
    "the template above": (TEMPLATE + NIELSEN, "Network"),
    "a function to be done": (NIELSEN + "\ndef backprop(weights, biases, x, y):\n    pass\n", "Network"),
    "a helper of that name": (NIELSEN + HELPER, "Network"),
    "a name of its own": (OWN_NAME, "NeuralNet"),
    "a class beside it": (OWN_NAME + "\nclass Data:\n    pass\n", "NeuralNet"),
    "two such classes": (OWN_NAME + OWN_NAME.replace("NeuralNet", "Other"), ""),
    "a class to be done": (RIGHT + TO_DO, ""),
    "both": (RIGHT + NIELSEN, ""),
}


@pytest.mark.parametrize("name", FOUND)
@catches(
    "all are written",
    "submission.loading._written",
    lambda names: {n for n in names if names[n]},
    name="the template above",
)
@catches("functions come first", "submission.loading._written", lambda names: set(), name="a helper of that name")
def test_what_is_written_is_asked(name):
    source, network = FOUND[name]
    assert loaded(source).described()["network"] == network


@pytest.mark.parametrize("name", ["the template above", "a name of its own"])
def test_it_has_every_point(name):
    assert not_passed(result(FOUND[name][0] + PRIME, layers=2)) == {}


@catches("it is not told", "grade.judging.grader.told", lambda _: "")
def test_why_a_class_cannot_be_asked_is_told_above_all_and_no_form_with_it():
    found = result(NIELSEN.replace("self.weights", "self.W"), layers=2)
    assert found.message.startswith("Network([5, 4, 3]) has no .weights; expected a list")
    assert "adapter" not in found.message
    assert found.conventions == []


def test_the_test_that_is_written_for_it_calls_it_by_its_name():
    assert "module.NeuralNet([3, 2])" in pytest_parts.load("NeuralNet", [3, 2], adapter=False)
