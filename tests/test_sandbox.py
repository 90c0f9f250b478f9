"""The sandbox runs a file, tells how it ended, and is as it was afterwards."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from sandbox_runs import DONE, ENTRY, LIMITS, NOTHING_LEFT, needs_sandbox, right, run, sandbox_without
from submissions import RIGHT

from compare.grade.sandbox import Limits, Sandbox, SandboxError, folder, syscalls
from compare.grade.sandbox.exchange import runs

pytestmark = needs_sandbox
SOON = Limits(seconds=0.3, megabytes=128)
KNOWS = {"torch", "jax", "scipy", "scratch", "torch_ref", "compare.diagnosis.derivation", "compare.reference"}


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


def test_neither_warm_process_knows_an_answer(sandbox):
    with Sandbox() as graders_own:
        for each in (sandbox, graders_own):
            modules = each.warm.ready["modules"]
            assert "numpy" in modules
            assert not {m for m in modules for k in KNOWS if m == k or m.startswith(k + ".")}


def test_an_entry_that_imports_an_answer_is_refused(tmp_path):
    entry = tmp_path / "entry.py"
    entry.write_text("import sys\nsys.modules['torch'] = sys\ndef answer(path, questions): ...")
    with pytest.raises(SandboxError, match="imports torch, which knows right answers"):
        Sandbox(f"{entry}:answer")


def test_an_entry_cannot_import_torch(tmp_path):
    entry = tmp_path / "entry.py"
    entry.write_text("import torch")
    with pytest.raises(SandboxError, match="No module named 'torch'"):
        Sandbox(f"{entry}:answer")


def test_the_environment_is_empty(sandbox, monkeypatch):
    monkeypatch.setenv("BACKPROOF_KEY", "secret")
    with Sandbox(ENTRY) as other:
        assert run(other, DONE + "import os; print(dict(os.environ))").printed == "{}\n"


@pytest.mark.parametrize(("module", "said"), [("landlock", "package landlock"), ("pyseccomp", "no libseccomp")])
def test_without_a_package_it_is_refused_and_the_way_out_named(monkeypatch, module, said):
    monkeypatch.setitem(sys.modules, module, None)
    syscalls.compiled.cache_clear()
    with pytest.raises(SandboxError, match=f"{said}.*--unsafe"):
        Sandbox(ENTRY)


def test_on_another_system_it_is_refused_and_the_way_out_named(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxError, match=r"needs Linux.*--unsafe"):
        Sandbox(ENTRY)


def test_a_kernel_without_landlock_is_refused_and_the_way_out_named(monkeypatch):
    def absent():
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("landlock.landlock_abi_version", absent)
    with pytest.raises(SandboxError, match=r"no Landlock.*--unsafe"):
        Sandbox(ENTRY)


def test_a_lock_that_fails_is_the_graders_fault_and_no_run(monkeypatch):
    monkeypatch.setattr(syscalls, "compiled", lambda: b"")
    monkeypatch.setattr("compare.grade.sandbox.sandbox.compiled", lambda: bytes(8))  # no filter that a kernel takes
    with pytest.raises(SandboxError, match=r"could not be shut: .*prctl"):
        Sandbox(ENTRY)


def test_a_lock_that_does_not_hold_is_the_graders_fault(monkeypatch):
    allow_all = bytes.fromhex("060000000000ff7f")  # return SECCOMP_RET_ALLOW
    monkeypatch.setattr("compare.grade.sandbox.sandbox.compiled", lambda: allow_all)
    with pytest.raises(SandboxError, match="seccomp is there, but does not hold"):
        Sandbox(ENTRY)


def test_a_call_that_this_machine_does_not_have_is_left_out_of_the_filter():
    pyseccomp = pytest.importorskip("pyseccomp")
    if pyseccomp.system_arch() == pyseccomp.Arch.AARCH64:
        pytest.skip("this machine is the other one")
    arm = pyseccomp.resolve_syscall(pyseccomp.Arch.AARCH64, "open")
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    rules.add_arch(pyseccomp.Arch.AARCH64)
    rules.remove_arch(pyseccomp.system_arch())
    with pytest.raises(OSError, match="Bad address"):
        rules.add_rule(pyseccomp.ERRNO(1), arm)
    elsewhere = SimpleNamespace(resolve_syscall=lambda *_: arm, Arch=pyseccomp.Arch)
    syscalls.add(elsewhere, rules, pyseccomp.ERRNO(1), "open")


def test_the_unsafe_way_has_the_clock_and_the_limits():
    with sandbox_without(unsafe=True) as sandbox:
        assert run(sandbox, DONE).how == ""
        assert run(sandbox, "while True: pass", limits=SOON).how == "had not finished after 0.3 s"
        assert run(sandbox, "x = bytearray(1 << 30)").how == "ran out of memory (128 MB)"


def test_the_unsafe_way_works_where_the_system_has_less_to_ask(tmp_path):
    entry = tmp_path / "entry.py"
    entry.write_text(f"import os\ndel os.waitid  # as on macOS\nexec(open({ENTRY.partition(':')[0]!r}).read())")
    with Sandbox(f"{entry}:answer", unsafe=True) as sandbox:
        for _ in range(5):
            assert run(sandbox, DONE + "import time; time.sleep(0.01)").how == ""
        assert run(sandbox, "import os; os._exit(3)").how.startswith("ended with exit code 3")
        assert run(sandbox, "while True: pass", limits=SOON).how == "had not finished after 0.3 s"


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
