"""The sandbox runs a file, tells how it ended, and is as it was afterwards."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sandbox_runs import DONE, ENTRY, LIMITS, NOTHING_LEFT, needs_sandbox, right, run
from submissions import RIGHT

from compare.grade.sandbox import Limits, Sandbox, folder
from compare.grade.sandbox.exchange import runs

pytestmark = needs_sandbox
SOON = Limits(seconds=0.3, megabytes=128)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(ENTRY) as sandbox:
        yield sandbox


def test_a_right_file_answers_with_exactly_what_is_asked(sandbox):
    record = right(sandbox)
    run_ = run(sandbox, RIGHT, len(record))
    assert (run_.record, run_.how, run_.printed) == (record, "", "")
    assert record


def test_one_byte_less_than_comes_is_more_than_was_asked_for(sandbox):
    assert run(sandbox, DONE, 3).how == "wrote more than was asked for"
    assert run(sandbox, DONE, 3).record == b"don"


def test_one_byte_more_than_comes_is_missing(sandbox):
    assert (run(sandbox, DONE, 5).record, run(sandbox, DONE, 5).how) == (b"done", NOTHING_LEFT)


@pytest.mark.parametrize(
    ("source", "how"),
    {
        "endless loop": ("while True: pass", "had not finished after 0.3 s"),
        "error": ("1 / 0", "ended with exit code 1 before all answers were there"),
        "exit with a code": ("import sys; sys.exit(7)", "ended with exit code 7 before all answers were there"),
        "exit with a word": ("import sys; sys.exit('no')", "ended with exit code 1 before all answers were there"),
        "end of all memory": ("x = bytearray(1 << 30)", "ran out of memory (128 MB)"),
        "signal": ("import ctypes; ctypes.string_at(0)", "ended by signal 11 (SIGSEGV)"),
        "exit after all answers": (
            "import os\ndef pieces(q):\n    yield b'done'\n    os._exit(3)",
            "ended with exit code 3",
        ),
        "loop after all answers": (
            "def pieces(q):\n    yield b'done'\n    while True: pass",
            "had not finished after 0.3 s",
        ),
    }.values(),
)
def test_an_end_is_told_in_words(sandbox, source, how):
    assert run(sandbox, source, limits=SOON).how == how


def test_what_is_printed_is_kept_to_its_last_two_thousand_characters(sandbox):
    run_ = run(sandbox, DONE + "print('é' * 1_000_000 + 'last')")
    assert (run_.how, len(run_.printed)) == ("", 2000)
    assert run_.printed.endswith("élast\n")


def test_what_is_no_text_is_replaced(sandbox):
    assert run(sandbox, DONE + "import os; os.write(1, b'a\\xff')").printed == "a\ufffd"


def test_an_error_is_printed_from_the_files_own_first_line_on(sandbox):
    printed = run(sandbox, "1 / 0").printed
    assert printed.startswith("Traceback")
    assert printed.endswith("ZeroDivisionError: division by zero\n")
    assert "sandbox" not in printed


def test_a_file_runs_in_its_own_folder_under_its_own_name(sandbox):
    source = DONE + "import os, sys; print(os.listdir('.'), sys.argv == [__file__], os.path.basename(__file__))"
    assert sandbox.run(source.encode(), b"", 4, LIMITS, "ada's.py").printed == "[\"ada's.py\"] True ada's.py\n"


def test_megabytes_of_questions_and_answers_pass(sandbox):
    questions = os.urandom(3 << 20)
    assert run(sandbox, "pieces = lambda q: [q[:1], q[1:]]", len(questions), questions=questions).record == questions


@pytest.mark.parametrize("name", ["", ".", "..", "a/b.py", "/etc/passwd", "a\0b"])
def test_a_name_that_leads_elsewhere_is_refused(sandbox, name):
    with pytest.raises(ValueError, match="no file's name"):
        sandbox.run(b"", b"", 0, LIMITS, name)


def test_a_source_of_more_than_ten_megabytes_is_refused(sandbox):
    with pytest.raises(ValueError, match="has 10000001 bytes"):
        sandbox.run(bytes(10_000_001), b"", 0, LIMITS)


def test_a_run_finds_nothing_that_an_earlier_one_has_left(sandbox):
    run(sandbox, DONE + "import builtins, numpy; builtins.left = numpy.left = 1; open('left', 'w').close()")
    look = "import builtins, numpy, os; print(hasattr(builtins, 'left'), hasattr(numpy, 'left'), os.listdir('.'))"
    assert run(sandbox, DONE + look).printed == "False False ['submission.py']\n"


def test_nothing_is_left_of_a_run(sandbox):
    run(sandbox, DONE + "import os; os.mkdir('x', 0); open('y', 'w').close()")
    assert list(sandbox.base.iterdir()) == []


def test_nothing_is_left_of_a_sandbox():
    with Sandbox(ENTRY) as sandbox:
        run(sandbox, DONE)
        process = sandbox.warm.process
    assert process.poll() is not None
    assert not sandbox.base.exists()


KEPT = []


def kept():
    KEPT.append(Sandbox(ENTRY))
    return KEPT[0].base, KEPT[0].warm.process.pid


def test_nothing_is_left_of_a_sandbox_that_a_pools_process_has_not_closed():
    with ProcessPoolExecutor(1, multiprocessing.get_context("forkserver")) as pool:
        base, pid = pool.submit(kept).result()
        assert base.exists()
    assert not base.exists()
    assert not runs(pid)


def test_two_sandboxes_do_not_see_each_other(sandbox):
    with Sandbox(ENTRY) as other:
        secret = other.base / "secret"
        secret.write_text("secret")
        assert "PermissionError" in run(sandbox, f"print(open({str(secret)!r}).read())").printed
        secret.unlink()


def test_a_warm_process_that_has_died_is_replaced(sandbox):
    before = sandbox.warm.process
    before.kill()
    before.wait()
    assert run(sandbox, DONE).how == ""
    assert sandbox.warm.process.pid != before.pid


def test_a_run_whose_warm_process_dies_is_run_again(sandbox):
    threading.Timer(0.15, sandbox.warm.process.kill).start()
    assert run(sandbox, DONE + "import time; time.sleep(0.4)").how == ""
    assert list(sandbox.base.iterdir()) == []


def test_a_worker_does_not_outlive_its_warm_process(sandbox):
    seen = []
    warm = sandbox.warm
    pids = Path(f"/proc/{warm.process.pid}/task/{warm.process.pid}/children")
    threading.Timer(0.15, lambda: (seen.append(int(pids.read_text())), warm.process.kill())).start()
    run(sandbox, "while True: pass", limits=SOON)
    assert len(seen) == 1
    assert not runs(seen[0])


def test_the_interrupt_of_a_run_ends_its_worker(sandbox):
    warm = sandbox.warm.process
    threading.Timer(0.15, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        run(sandbox, "while True: pass")
    assert warm.poll() is not None
    assert list(sandbox.base.iterdir()) == []
    assert run(sandbox, DONE).how == ""


@pytest.fixture
def deep(tmp_path):
    """Too deep for what pytest itself removes with."""
    top, here = tmp_path / "top", os.getcwd()
    top.mkdir()
    os.chdir(top)
    for _ in range(1200):
        os.mkdir("x" * 100)
        os.chdir("x" * 100)
    os.chdir(here)
    yield top
    subprocess.run(["rm", "-rf", str(top)], check=True)


def test_folders_of_any_depth_and_rights_are_removed(deep):
    (deep / "link").symlink_to(deep.parent)
    (deep / "closed").mkdir(0)
    assert folder.overfull(deep)
    folder.removed(deep)
    assert list(deep.parent.iterdir()) == []


@pytest.mark.parametrize("size", [4, 3, 5])
def test_where_a_pipe_cannot_be_widened_each_piece_is_read_as_it_comes(sandbox, size, monkeypatch):
    whole = run(sandbox, DONE, size)
    monkeypatch.setattr("compare.grade.sandbox.exchange.widened", lambda *_: False)
    assert replace(run(sandbox, DONE, size), seconds=0.0) == replace(whole, seconds=0.0)
