"""Submissions that are graded together get what each gets alone, and a fault of one is not another's."""

from __future__ import annotations

import itertools
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from grade_one import BP2, UPDATE, assignment, sandbox
from planted import faults
from submissions import RIGHT

from compare.grade import pool
from compare.grade.asking import answering
from compare.grade.asking.answering import Inside
from compare.grade.asking.warming import NOTHING_RIGHT
from compare.grade.judging.grader import Grader
from compare.grade.result import Result
from compare.grade.submitted import Submitted
from compare.trace import Trace

catches, test_a_planted_fault_is_caught = faults("compare")
pytestmark = pytest.mark.usefixtures("without_shapes")

STEP = Trace.step
SOURCES = {"ada": RIGHT, "bob": BP2, "cyd": "1 / 0", "dan": RIGHT, "eve": "conventions = {'weights': 'in_out'}\n" + BP2}


def submitted(sources=SOURCES):
    return [Submitted(student, source.encode(), "net.py") for student, source in sources.items()]


def grader(**limits):
    return Grader(assignment(limits={"seconds": 2.0, "megabytes": 1024} | limits), sandbox())


def without_time(result):
    return replace(result, seconds=0.0)


@catches("all are held against the first", "trace.Trace.step", lambda self, k: STEP(self, 0))
def test_together_each_gets_what_it_gets_alone():
    together = list(grader().results(submitted()))
    alone = [grader().result(one) for one in submitted()]
    assert [without_time(rounded(one)) for one in together] == [without_time(rounded(one)) for one in alone]


def rounded(result):
    """Autograd's sums are taken in another order, which shows in the ratios to the bound."""
    checks = [replace(check, worst=None, reason=check.reason.partition(" is ")[0]) for check in result.checks]
    return replace(result, checks=checks, heatmaps={}, trajectory={})


@pytest.fixture
def in_this_process(monkeypatch):
    def graded(sources=SOURCES, **limits):
        monkeypatch.setitem(pool._mine, "grader", grader(**limits))
        return [Result.from_json(text) for text in pool._grade([vars(one) for one in submitted(sources)])]

    return graded


def test_a_fault_of_the_grader_is_told_of_the_submission_that_meets_it(in_this_process, monkeypatch):
    judged = Grader._judged

    def fails(self, one, *rest):
        if one.student == "bob":
            raise RuntimeError("a fault of the grader's")
        return judged(self, one, *rest)

    monkeypatch.setattr(Grader, "_judged", fails)
    statuses = {result.student: result.status for result in in_this_process()}
    assert statuses == dict.fromkeys(SOURCES, "graded") | {"bob": "not graded", "cyd": "not gradable"}


def test_where_asking_takes_long_what_is_done_is_given_and_the_rest_is_begun_in_another_lot(in_this_process):
    slow = {name: RIGHT.replace(UPDATE, "import time; time.sleep(0.6)\n\n\n" + UPDATE) for name in "abcd"}
    assert 1 <= len(in_this_process(slow)) < 4


def test_all_of_a_class_are_graded_once_however_the_lots_fall(monkeypatch):
    count = itertools.count(1)
    monkeypatch.setattr(pool, "ProcessPoolExecutor", lambda *_: Here(lambda lot: lot[: 1 + next(count) % 3]))
    students = [Submitted(f"s{k}", b"", "net.py", "no file") for k in range(50)]
    found = [submitted.student for submitted, _ in pool.results(students, assignment(), 2, unsafe=True)]
    assert sorted(found) == sorted(one.student for one in students)


class Here:
    """An executor that works at once, and grades as many of each lot as it is told."""

    def __init__(self, most):
        self.most = most

    def submit(self, _, lot):
        future = pool.Future()
        future.set_result([Result(one["student"], "graded", []).as_json() for one in self.most(lot)])
        return future

    def shutdown(self, **_):
        pass


EDITS = """import numpy as np

def sigmoid(z):
    a = 1 / (1 + np.exp(-z))
    z[...] = 0
    return a

def sigmoid_prime(z):
    a = 1 / (1 + np.exp(-z))
    return a * (1 - a)
"""


def test_an_argument_that_is_edited_is_not_edited_for_the_next_function():
    found = grader().result(Submitted("ada", EDITS.encode(), "net.py"))
    assert {check.name for check in found.checks if check.status == "passed"} == {"sigmoid", "sigmoid_prime"}


@catches("the code has the question itself", "grade.asking.answering.wire.through", lambda value: value)
def test_what_is_asked_stays_as_it_is():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "net.py")
        path.write_text(EDITS, encoding="utf-8")
        inside, z = Inside([str(path)], 60.0), np.ones(3)
        for request in ({"function": "load"}, {"function": "sigmoid", "arguments": {"z": z}, "sizes": []}):
            assert "error" not in inside.ask(request, 1.0)
    assert (z == 1).all()


@catches("its folder stays on the path", "grade.asking.answering.sys", SimpleNamespace(modules=sys.modules, path=[]))
def test_answering_once_beforehand_leaves_nothing_of_its_file():
    modules, folders = set(sys.modules), sys.path[:]
    try:
        answering.warm_up()
        assert (set(sys.modules) - modules, sys.path) == (set(), folders)
    finally:
        sys.path[:] = folders


def test_what_is_answered_beforehand_has_nothing_right():
    found = grader().result(Submitted("ada", NOTHING_RIGHT.encode(), "net.py"))
    assert found.score == 0.0
