"""A file that cannot be run is refused in one sentence, with its line; one that can is asked in a process that ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from planted import faults
from submissions import NIELSEN, RIGHT, a_case, line_of, started, written

from compare.submission import conventions, process
from compare.submission.conventions import Conventions
from compare.submission.host import SubmissionError
from compare.submission.remote import Submission

catches, test_a_planted_fault_is_caught = faults("compare.submission")
warm = pytest.mark.usefixtures("warm_workers")  # where a test is about what a file has, not about how it is started

REFUSED = {
    "wrong syntax": ("x = 1\ndef f(:  # here\n", ["is not Python", "invalid syntax"]),
    "wrong indentation": ("def f():\n    x = 1\n  y = 2  # here\n", ["is not Python", "unindent"]),
    "a module that is not there": ("import numpy\nimport not_there  # here", ["imports not_there", "no module"]),
    "an exception": ("def f():\n    return [][0]  # here\nf()", ["raised IndexError", "list index out of range"]),
    "an exit": ("import sys\nsys.exit(0)  # here", ["ends the program", '__name__ == "__main__"']),
    "a Ctrl-C": ("raise KeyboardInterrupt  # here", ["raised KeyboardInterrupt"]),
    "an endless loop": ("while True: pass  # here", ["not finished loading after 0.5 s", "--seconds"]),
    "a death": ("import os\nos._exit(3)", ["ended while it was loaded", "exit code 3"]),
    "a crash": ("import ctypes\nctypes.string_at(0)  # here", ["ended while it was loaded", "SIGSEGV"]),
    "a question": ("input('eta? ')  # here", ["asks for input", "__main__"]),
    "nothing of the interface": ("def train(): pass", ["none of the functions sigmoid", "`backproof template`"]),
    "a class of nothing": ("class Network: pass", ["none of the functions", "class Network"]),
    "a number for a function": ("backprop = 3", ["none of the functions"]),
    "a form that is none": ("conventions = {'weights': 'up'}\nbackprop = print", ["'weights'", "'up'", "'in_out'"]),
    "a form by numbers": ("conventions = {1: 'up'}\nbackprop = print", ["keys that are no strings"]),
    "null bytes": ("x = 1\n\0", ["no Python text", "null bytes"]),
}


@warm
@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_run_is_refused_with_the_line_and_the_reason(tmp_path, name):
    source, phrases = REFUSED[name]
    path = written(source, tmp_path)
    with pytest.raises(SubmissionError) as refused:
        Submission.start(path, seconds=0.5)
    assert all(phrase in str(refused.value) for phrase in phrases), str(refused.value)
    assert refused.value.file == str(path)
    if "# here" in source:
        assert refused.value.line == line_of(source, "# here")
        assert str(refused.value).startswith(f"{path}, line {refused.value.line}: ")


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    written("{}", tmp_path, "network.ipynb")
    for name, phrase in {
        "no.py": "no such file",
        "": "folder",
        "pipe.py": "no file",
        "network.ipynb": "notebook",
    }.items():
        with pytest.raises(SubmissionError, match=phrase):
            Submission.start(tmp_path / name)


def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    path = written(RIGHT, tmp_path)

    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", denied)  # root may read all files, so a mode of 0 shows nothing
    with pytest.raises(SubmissionError, match="cannot be read: Permission denied"):
        Submission.start(path)


@warm
@pytest.mark.parametrize(
    ("source", "line"),
    [("# a\n# é\n".encode("latin-1"), 2), (b"# coding: nothing\n", None), ("x = 1".encode("utf-16"), 1)],
    ids=["latin-1", "no encoding", "utf-16"],
)
def test_text_that_is_not_utf_8_is_refused_with_its_line(tmp_path, source, line):
    path = tmp_path / "student.py"
    path.write_bytes(source)
    with pytest.raises(SubmissionError, match=r"UTF-8|null bytes") as refused:
        Submission.start(path)
    assert refused.value.line == line


@warm
def test_an_encoding_that_is_stated_is_read(tmp_path):
    (path := tmp_path / "student.py").write_bytes("# coding: latin-1\n# é".encode("latin-1") + RIGHT.encode())
    with Submission.start(path) as submission:
        assert "backprop" in submission.offers


@warm
def test_a_mistake_in_a_module_that_it_imports_is_in_that_file(tmp_path):
    helper = written("x = (", tmp_path, "helper.py")
    with pytest.raises(SubmissionError, match="is not Python") as refused:
        Submission.start(written("import helper", tmp_path))
    assert (refused.value.file, refused.value.line) == (str(helper), 1)


def test_an_edited_file_is_read_anew_even_within_the_clocks_second(tmp_path):
    first = RIGHT + "\nx = 1\n"
    with Submission.start(written(first, tmp_path)) as submission:
        assert "sigmoid" in submission.offers
    with pytest.raises(SubmissionError, match="not Python"):
        Submission.start(written(first.replace("x = 1", "x = ("), tmp_path))


ADAPTER = """
import submission
conventions = {"gradients": "b, w"}
def backprop(weights, biases, x, y):
    return submission.gradient(weights, biases, x, y)[:2][::-1]
"""


@warm
def test_an_adapter_gives_the_interface_to_other_code_and_states_its_form(tmp_path):
    path = written(RIGHT.replace("def backprop", "def gradient"), tmp_path)
    (folder := tmp_path / "elsewhere").mkdir()
    with Submission.start(path, written(ADAPTER, folder, "adapter.py")) as submission:
        assert submission.offers == {"backprop"}
        assert submission.conventions == Conventions(gradients="b, w")
        assert submission.observe(a_case()).faults == []


@warm
@pytest.mark.parametrize(
    ("adapter", "phrase"),
    [
        ("import submission\nsubmission.nothing  # here", "raised AttributeError"),
        ("import submision  # here", "imports submision"),
        ("def f(:  # here", "not Python"),
        ("import submission", "none of the functions"),
    ],
)
def test_an_adapter_that_does_not_fit_is_refused_by_its_own_name(tmp_path, adapter, phrase):
    path = written(adapter, tmp_path, "adapter.py")
    with pytest.raises(SubmissionError, match=phrase) as refused:
        Submission.start(written(RIGHT, tmp_path), path)
    assert refused.value.file == str(path)
    assert refused.value.line == (line_of(adapter, "# here") if "# here" in adapter else None)


def test_an_adapter_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SubmissionError, match=r"adapter\.py: there is no such file"):
        Submission.start(written(RIGHT, tmp_path), tmp_path / "adapter.py")


@warm
def test_a_form_that_the_caller_gives_goes_before_the_stated_one_and_nielsens():
    given = Conventions(sign="minus")
    stated = "conventions = {'examples': 'columns'}\n"
    for source, expected in [
        (RIGHT, Conventions()),
        (NIELSEN, conventions.NIELSEN),
        (stated + RIGHT, Conventions(examples="columns")),
        (stated.replace("columns", "rows") + NIELSEN, Conventions(biases="column", batch="one", gradients="b, w")),
    ]:
        with started(source) as submission:
            assert submission.conventions == expected
    with started(stated + RIGHT, conventions=given) as submission:
        assert submission.conventions == given


def test_the_code_runs_beside_numpy_on_one_thread_without_torch_and_as_no_main_program():
    report = """
import os, sys
print("torch" in sys.modules, os.environ["OPENBLAS_NUM_THREADS"], __name__, sys.argv == [__file__], file=sys.stderr)
print("to standard output")
"""
    with started(report + RIGHT) as submission:
        assert submission.printed == "False 1 submission True\nto standard output\n"


@warm
def test_of_what_is_printed_the_end_is_kept():
    with started(RIGHT + "\nfor i in range(9000): print(i)\n") as submission:
        assert submission.printed.endswith("8998\n8999\n")
        assert len(submission.printed) <= 2_000


def test_modules_of_the_code_may_have_the_names_of_ours(tmp_path):
    written("value = 3", tmp_path, "compare.py")
    with Submission.start(written("import compare\nprint(compare.value)" + RIGHT, tmp_path)) as submission:
        assert submission.printed == "3\n"


def gone(pid, seconds=5.0):
    """Whether the process ends within that time, or is one that has ended and that nobody has waited for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        command = ["ps", "-o", "stat=", "-p", str(pid)]
        state = subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()
        if not state or state.startswith("Z"):
            return True
        time.sleep(0.02)
    return False


def only_itself(process, pipes, traceback):
    process.kill()
    process.wait()
    for file in (*pipes, traceback):
        file.close()


@catches("its children stay", "process._end", only_itself)
def test_closing_ends_the_process_and_what_it_has_started():
    child = "\nimport subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(8)'])\n"
    with started(RIGHT + child + "print(child.pid)") as submission:
        pids = [int(submission.printed), submission._host.worker.process.pid]
    assert all(gone(pid, seconds=1) for pid in pids)


@pytest.mark.parametrize("code", ["pass", "while True: pass"], ids=["idle", "busy"])
def test_a_worker_does_not_outlive_a_parent_that_is_killed(tmp_path, code):
    path = written(RIGHT + f"\ndef sigmoid(z):\n    {code}\n", tmp_path)
    parent = f"""
import time, numpy
from compare.submission.remote import Submission
submission = Submission.start({str(path)!r}, seconds=1)
print(submission._host.worker.process.pid, flush=True)
submission.call("sigmoid", numpy.zeros(1))
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, cwd=process.ROOT) as killed:
        pid = int(killed.stdout.readline())
        time.sleep(0.1)
        killed.kill()
    assert gone(pid)


def test_no_process_is_left_of_a_file_that_is_refused(tmp_path, monkeypatch):
    workers = []
    monkeypatch.setattr(
        "compare.submission.host.Worker", lambda paths: workers.append(process.Worker(paths)) or workers[-1]
    )
    for source, _ in (REFUSED["an endless loop"], REFUSED["nothing of the interface"], REFUSED["an exception"]):
        with pytest.raises(SubmissionError):
            Submission.start(written(source, tmp_path), seconds=0.3)
    assert [worker.process.returncode is not None for worker in workers] == [True] * 3
