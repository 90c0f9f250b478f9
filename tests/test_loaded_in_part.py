"""A file that raises when it is loaded is graded by what it had defined by then, and is told why that is not all."""

from __future__ import annotations

import math
import re

import pytest
from grade_one import assignment, not_passed, result, sandbox
from planted import faults
from submissions import RIGHT, loaded

from compare.grade.judging.grader import Grader
from compare.grade.submitted import Submitted
from compare.submission import loading

catches, test_a_planted_fault_is_caught = faults("compare")
pytestmark = pytest.mark.usefixtures("without_shapes")

NO_DATA = RIGHT + "\ntraining = open('mnist.pkl.gz', 'rb')\n"
LINE = NO_DATA.count("\n")
WORDS = f"line {LINE}: raised FileNotFoundError when it was loaded: [Errno 2] No such file or directory: 'mnist.pkl.gz'"


@catches("it is not told", "grade.asking.asked._place", lambda *_: "")
def test_a_program_whose_data_are_missing_has_the_points_of_its_functions_and_is_told():
    found = result(NO_DATA)
    assert (found.status, found.score) == ("graded", found.max_score)
    assert found.message == f"{WORDS}; what it defines is graded all the same"


DATA_FIRST = "import numpy as np\nweights = np.load('weights.npy')\nbest = weights.max()\n" + RIGHT


def test_a_program_that_reads_its_data_first_has_the_points_of_the_functions_below():
    found = result(DATA_FIRST)
    assert not_passed(found) == {}
    assert found.message.startswith("line 2: raised FileNotFoundError when it was loaded: ")


def test_what_lies_between_the_functions_costs_none_of_them():
    found = result(RIGHT.replace("def backprop", "raise ValueError('not yet')\n\ndef backprop"))
    assert not_passed(found) == {}
    assert found.message.startswith("line 16: raised ValueError when it was loaded: not yet; ")


def test_what_is_loaded_to_its_end_has_no_message():
    assert result(RIGHT).message == ""


TRAINS = """
weights, biases = [np.zeros((2, 3))], [np.zeros(2)]
while True:
    weights, biases = update_mini_batch(weights, biases, np.zeros((4, 3)), np.zeros((4, 2)), 0.1)
"""


@catches("it is waited for", "grade.asking.asked.LOADING", 2.0)
def test_a_training_run_at_the_end_is_broken_off_and_its_line_is_told():
    found = result(RIGHT + TRAINS, limits={"seconds": 1.0, "megabytes": 1024})
    assert found.score == found.max_score
    told = re.match(
        r"line (\d+): had not finished loading after 0.5 s; put what it runs under if __name__", found.message
    )
    assert told
    assert 1 < int(told[1]) <= (RIGHT + TRAINS).count("\n")


def test_a_training_run_that_catches_whatever_is_raised_is_told_again():
    stubborn = "\nimport time\nfor _ in range(3):\n    try:\n        time.sleep(60)\n    except BaseException: pass\n"
    found = result(RIGHT + stubborn, limits={"seconds": 2.0, "megabytes": 1024})
    assert (found.score, found.message) == (found.max_score, "")


NOTHING = {
    "nothing but data": "import numpy as np\nnp.load('weights.npy')\nbest = 1\n",
    "no Python": RIGHT + "def f(:\n",
}
ONLY = "only NumPy here, beside what Python has itself and what was handed in; do without it"
ENDS = {  # the last line, and what is told of it
    "import sys; sys.exit(0)": 'ends the program when it is loaded; put what it runs under if __name__ == "__main__"',
    "raise MemoryError": "raised MemoryError when it was loaded",
    "raise KeyboardInterrupt": "raised KeyboardInterrupt when it was loaded",
    "import pandas": f"imports pandas, and there is {ONLY}",
    "eval('1 +')": "is not Python: invalid syntax",
}


@pytest.mark.parametrize("last", ENDS)
def test_whatever_ends_the_loading_is_told_with_its_line(last):
    found = result(f"{RIGHT}{last}\n")
    assert found.score == found.max_score
    assert found.message == f"line {RIGHT.count(chr(10)) + 1}: {ENDS[last]}; what it defines is graded all the same"


def test_a_module_that_is_no_python_is_told_by_its_own_name_and_line():
    source = f"{RIGHT}import util\n".encode()
    submitted = Submitted("ada", source, "net.py", beside={"util.py": b"\n\ndef (\n"})
    found = Grader(assignment(), sandbox()).result(submitted)
    assert found.score == found.max_score
    assert found.message == "util.py, line 3: is not Python: invalid syntax; what it defines is graded all the same"


@pytest.mark.parametrize("line", [10**30, -1, 99999])
def test_a_line_that_a_file_makes_up_breaks_nothing(line):
    found = result(f"{RIGHT}raise SyntaxError('hi', (__file__, {line}, 1, 'x'))\n")
    assert found.score == found.max_score


@pytest.mark.parametrize("name", NOTHING)
def test_a_file_that_defines_nothing_is_not_gradable(name):
    found = result(NOTHING[name])
    assert (found.status, found.score) == ("not gradable", 0.0)


BELOW = """
raise ValueError("the first")
import math
LAYERS: list = [784, 30, 10]
made = print(1 / 0)
import nothing_of_that_name
class Kept:
    pi = math.pi
def sigmoid(z):
    return LAYERS, Kept.pi, "made" in globals()
raise ValueError("the last")
"""


@catches("nothing below", "submission.loading.define_below", lambda *_: None)
@catches("all below", "submission.below._defines", lambda _: True)
@catches("no constants", "submission.below.ast.literal_eval", lambda _: 1 / 0)
def test_below_the_line_that_raises_there_are_definitions_imports_and_constants_and_nothing_is_run():
    try:
        part = loaded(BELOW, partly=True)
    except (ValueError, ZeroDivisionError) as e:
        pytest.fail(f"it raised {e}")
    assert part.functions["sigmoid"](0) == ([784, 30, 10], math.pi, False)
    assert str(part.broken) == "the first"
    assert part.broken.__notes__ == ["ModuleNotFoundError: No module named 'nothing_of_that_name'"]


def test_whoever_does_not_ask_for_a_part_gets_the_exception():
    with pytest.raises(FileNotFoundError):
        loaded(NO_DATA)


def test_a_part_has_its_functions_and_what_it_raised():
    part = loaded(NO_DATA, partly=True)
    assert set(part.functions) == set(loading.FUNCTIONS)
    assert isinstance(part.broken, FileNotFoundError)
    assert loaded(RIGHT, partly=True).broken is None
