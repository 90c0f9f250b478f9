"""A backprop that breaks off in its hidden layers costs BP2: a network that has none shows the rest."""

from __future__ import annotations

import pytest
from grade_one import PRIME, not_passed, result
from planted import faults
from rewritten import edited
from submissions import NIELSEN

catches, test_a_planted_fault_is_caught = faults("compare.grade.judging")
pytestmark = pytest.mark.usefixtures("without_shapes")

LOOP = "    for w, a_l in zip(weights[:0:-1], a[-2:0:-1]):\n"
METHOD = "        for w, a in zip(self.weights[:0:-1], activations[-2:0:-1]):\n"
ALONE = [(" for d in deltas], deltas", " for d in deltas][-1:]"), ("nabla_b, _ =", "nabla_b =")]
NOTHING = "[None] * (len(weights) - 1) + "
OUTPUT_ONLY = {
    "a misspelt name": edited((LOOP, f"{LOOP}        nothing_of_that_name\n")),
    "to be done": edited((LOOP, f"{LOOP}        raise NotImplementedError\n")),
    "the output's alone": edited(("return nabla_w, [", "return nabla_w[-1:], ["), *ALONE),
    "None for the others": edited(("return nabla_w, [", f"return {NOTHING}nabla_w[-1:], {NOTHING}["), *ALONE),
    "where no shapes fit": edited(("deltas[0] @ w *", "(w.T @ deltas[0]) *")),  # but where all layers are as wide
    "a method": edited((METHOD, f"{METHOD}            nothing_of_that_name\n"), source=NIELSEN + PRIME),
}


@pytest.mark.parametrize("how", OUTPUT_ONLY)
@catches("it is not asked", "judgement.lacks_hidden", lambda _: False, how="a misspelt name")
@catches("a square will do", "output_layer.is_square", lambda _: False, how="where no shapes fit")
@catches("BP2 is there", "output_layer.LACKS", "", how="None for the others")
def test_what_breaks_off_in_the_hidden_layers_costs_bp2(how):
    found = result(OUTPUT_ONLY[how], layers=2)
    assert not_passed(found).keys() == {"BP2", "trajectory"}
    (reason,) = (check.reason for check in found.checks if check.name == "BP2")
    assert "backprop gives nothing for hidden layers" in reason


@catches("the others pass", "output_layer.least_charged", lambda *_: set())
def test_a_mistake_in_the_output_layer_costs_its_own_equation_too():
    source = edited(("(a[-1] - y)", "(a[-1] - 2 * y)"), source=OUTPUT_ONLY["a misspelt name"])
    assert not_passed(result(source, layers=2)).keys() == {"BP1", "BP2", "trajectory"}


NO_ARITHMETIC = {
    "zeros": ("[factor *", "[0 *"),
    "nearly": ("[factor *", "[(1 + 1e-10 * y) *"),
}


@pytest.mark.parametrize("how", NO_ARITHMETIC)
@catches("zeros will do", "output_layer.tells", lambda _: True, how="zeros")
@catches("a difference quotient passes", "holding.CLOSE", 1e-8, how="nearly")
def test_without_hidden_layers_nothing_is_earned_without_arithmetic(how):
    source = edited(NO_ARITHMETIC[how], source=OUTPUT_ONLY["a misspelt name"])
    lost = {"zeros": {"BP1", "BP2", "BP3", "BP4"}, "nearly": {"BP1", "BP2"}}
    assert lost[how] <= not_passed(result(source, layers=2)).keys()
