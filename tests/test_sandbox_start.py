"""What a sandbox needs to start, what its warm process may import, and how it refuses where something is missing."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from sandbox_runs import DONE, ENTRY, needs_sandbox, run, sandbox_without

from compare.grade.sandbox import Limits, Sandbox, SandboxError, syscalls

pytestmark = needs_sandbox
SOON = Limits(seconds=0.3, megabytes=128)
KNOWS = {"torch", "jax", "scipy", "scratch", "torch_ref", "compare.diagnosis.equations", "compare.reference"}


def test_the_graders_own_warm_process_knows_no_answer():
    with Sandbox() as sandbox:
        modules = sandbox.warm.ready["modules"]
    assert {"numpy", "compare.grade.asking.answering"} <= set(modules)
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


def test_the_environment_is_empty(monkeypatch):
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
