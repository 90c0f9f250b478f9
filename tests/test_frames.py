"""Answers as raw bytes: what was observed comes back to the bit, and no bytes at all can do more than be judged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import faults

from compare.check.forms import forms
from compare.diagnosis.case import Fault, Observed, Shown
from compare.diagnosis.derivation import Derivation
from compare.diagnosis.probes import probes
from compare.grade.asking import frames
from compare.grade.asking.for_student import questions_for
from compare.grade.asking.questions import Questions
from compare.grade.asking.recorded import Recorded
from compare.key import find
from compare.submission.conventions import Conventions

catches, test_a_planted_fault_is_caught = faults("compare.grade.asking")

CASE = probes(3).batch
QUESTIONS = questions_for(Conventions(), 3, 3, strict=False)
OF_CASES = ("feedforward", "backprop", "update_mini_batch")


def same(a, b):
    return (a is None) == (b is None) and (a is None or np.array_equal(a, b))


@catches("the last number is lost", "frames._raw", lambda array, count, _: bytes(8 * count), function="backprop")
@pytest.mark.parametrize("function", OF_CASES)
def test_what_is_observed_comes_back_to_the_bit(function):
    observed = Derivation().observe(CASE)
    frame = frames.encode(function, CASE, observed)
    assert len(frame) == frames.size(function, CASE)
    back = frames.decode(frame, function, CASE, "net.py")
    assert all(same(find(back.trace, key), find(observed.trace, key)) for key in frames.tensors(function, CASE.L))
    assert len(back.shown()) == len(frames.tensors(function, CASE.L))


def or_zeros(trace, key):
    return np.zeros((1, *CASE.shape(key))) if find(trace, key) is None else find(trace, key)


@catches("a tensor that is not there is zeros", "frames.find", or_zeros)
def test_a_tensor_that_is_missing_or_has_another_shape_is_missing():
    observed = Observed(Shown())
    observed.trace.nabla_w = [None, CASE.weights[1].T[None], CASE.weights[2][None]]
    back = frames.decode(frames.encode("backprop", CASE, observed), "backprop", CASE, "net.py")
    assert [key.name + str(key.layer) for key in back.shown()] == ["nabla_w3"]


def test_faults_come_back_with_line_and_tensor_and_at_most_three():
    tensors = ("nabla_w[0]", "nabla_w[1]", "nabla_b[0]", "deltas[2]", "")
    given = [Fault("shape", "backprop", "δ" * 400, "/tmp/x.py", 7, tensor) for tensor in tensors]
    back = frames.decode(frames.encode("backprop", CASE, Observed(Shown(), given)), "backprop", CASE, "net.py").faults
    assert [fault.tensor for fault in back] == ["nabla_w[0]", "nabla_b[0]", "deltas[2]"]
    assert (back[0].kind, back[0].file, back[0].line, back[0].tensor) == ("shape", "net.py", 7, "nabla_w[0]")
    assert back[0].sentence == "δ" * 150


@catches("escape sequences stay", "frames.one_line", str)
def test_what_moves_a_cursor_does_not_come_through():
    fault = Fault("raised\x1b[2J", "backprop", "a\x1b[31mred\nline\x00", "f", 1)
    (back,) = frames.decode(frames.encode("backprop", CASE, Observed(Shown(), [fault])), "backprop", CASE, "f").faults
    assert back.sentence.isprintable()
    assert back.kind.isprintable()


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_bytes_come_they_are_answers_or_no_form(data):
    size = data.draw(st.integers(frames.HELLO.size, QUESTIONS.total))
    random = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    record = bytearray(random.integers(0, 256, size, dtype=np.uint8).tobytes())
    if data.draw(st.booleans()):  # with a form that is one
        at = frames.HELLO.size + sum(s for q, s in QUESTIONS.sizes if q.function in frames.FUNCTIONS[:2])
        form = frames.Form(Conventions(), Conventions()).encode()
        record[at : at + len(form)] = form
    try:
        found = Recorded(QUESTIONS, bytes(record[:size]), "net.py")
    except frames.ConventionError:
        return
    assert found.offers <= set(frames.FUNCTIONS)
    assert found.observe(QUESTIONS.cases[0]) is not None


@pytest.mark.parametrize("form", list(forms(Conventions()))[::7], ids=lambda form: f"{form.biases} {form.gradients}")
def test_every_form_comes_back(form):
    found = frames.Form(form, Conventions(), (form,))
    assert frames.Form.decode(found.encode()) == found


def test_the_questions_come_back():
    back = Questions.decode(QUESTIONS.encode())
    assert list(back.order()) == list(QUESTIONS.order())
    assert back.total == QUESTIONS.total
    assert all(np.array_equal(a.x, b.x) for a, b in zip(back.cases, QUESTIONS.cases, strict=True))


def answered(upto=None):
    """A record of the right answers, up to a function."""
    derivation, pieces = Derivation(), [frames.Hello(True, frozenset(frames.FUNCTIONS)).encode()]
    for question, size in QUESTIONS.sizes:
        if question.function == upto:
            break
        if question.function in OF_CASES and not question.walk:
            case = QUESTIONS.case(question)
            pieces.append(frames.encode(question.function, case, derivation.observe(case)))
        else:
            of_form = frames.Form(Conventions(), Conventions()).encode()
            pieces.append(of_form if question.function == "form" else bytes(size))
    return b"".join(pieces)


@catches("always the first answer", "recorded.Recorded.observe", lambda self, case: self._observed[0])
def test_a_recorded_submission_answers_each_question_with_its_own_answer():
    found = Recorded(QUESTIONS, answered(), "net.py")
    for case in QUESTIONS.cases:
        expected = Derivation().observe(case)
        shown = found.observe(case)
        assert all(same(find(shown.trace, key), find(expected.trace, key)) for key in shown.shown())
        assert len(shown.shown()) == 6 * case.L


def test_where_it_ended_is_known_and_the_functions_before_have_their_answers():
    found = Recorded(QUESTIONS, answered("backprop") + b"\1", "net.py")
    assert (found.silent.function, found.silent.number) == ("backprop", 0)
    assert {key.name for key in found.observe(CASE).shown()} == {"activations"}


def test_a_question_that_was_not_put_has_no_answer():
    assert Recorded(QUESTIONS, answered(), "net.py").observe(probes(4).batch).shown() == []


@catches("what was asked stays asked", "recorded.Recorded.rewound", lambda self: self)
def test_rewound_it_gives_its_first_answers_again():
    batch = QUESTIONS.cases[0]
    found = Recorded(QUESTIONS, answered(), "net.py")
    first = [found.observe(batch) for _ in range(2)]
    assert first[0] is not first[1]
    again = found.rewound()
    assert [id(again.observe(batch)) for _ in range(2)] == [id(one) for one in first]
