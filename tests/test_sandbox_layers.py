"""Each layer of the sandbox holds, and with it taken out the same attack succeeds: the tests of it can fail."""

from __future__ import annotations

import os
import re
import signal
import socket

import pytest
from sandbox_runs import DONE, ENTRY, needs_sandbox, run, sandbox_without

from compare.grade.sandbox import Limits, Sandbox

pytestmark = needs_sandbox
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to drop")
DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print("left", os.getpid(), flush=True)
        time.sleep(60)
    os._exit(0)
os.wait()
time.sleep(0.05)
"""
BESIDE = "import os, time\nif os.fork() == 0:\n    print('left', os.getpid(), flush=True)\n    while True: pass\n"
BESIDE += "time.sleep(0.1)\n"
KILL = "import os\nos.kill(os.getppid(), 9)\n"
WITHOUT_LAWS = ("landlock", "seccomp", "user", "rlimits")


@pytest.fixture(scope="module")
def whole():
    with Sandbox(ENTRY) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def without():
    """Sandboxes without some layers, each started once."""
    started = {}

    def one(*layers):
        started[layers] = started.get(layers) or sandbox_without(*layers)
        return started[layers]

    yield one
    for sandbox in started.values():
        sandbox.close()


@pytest.fixture
def secret(tmp_path):
    (tmp_path / "secret").write_text("the reference")
    return tmp_path / "secret"


def left(printed):
    """Of the processes that say so, those that are still there; they are ended."""
    there = []
    for pid in map(int, re.findall(r"left (\d+)", printed)):
        try:
            os.kill(pid, signal.SIGKILL)
            there.append(pid)
        except ProcessLookupError:
            continue
    return there


def test_landlock_closes_files(whole, secret, without):
    source = DONE + f"print(open({str(secret)!r}).read())"
    assert "PermissionError" in run(whole, source).printed
    holed = without("landlock", "user")
    assert run(holed, source).printed == "the reference\n"


def test_landlock_keeps_writing_in_the_folder(whole, tmp_path, without):
    source = DONE + f"open('here', 'w').close()\nprint('here')\nopen({str(tmp_path / 'outside')!r}, 'w').close()"
    assert run(whole, source).printed.startswith("here\n")
    assert not (tmp_path / "outside").exists()
    holed = without("landlock", "user")
    run(holed, source)
    assert (tmp_path / "outside").exists()


def test_landlock_leaves_no_package_but_numpy_to_import(whole, tmp_path, without):
    (tmp_path / "torch.py").write_text("")
    source = (
        DONE + f"import sys\nsys.path.append({str(tmp_path)!r})\nimport numpy.polynomial, json, sqlite3\nimport torch"
    )
    assert "No module named 'torch'" in run(whole, source).printed
    holed = without("landlock", "user")
    assert run(holed, source).how == ""


def test_seccomp_refuses_the_network(whole, without):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0.2)
        source = "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        source = DONE + source + f"s.sendto(b'the questions', ('127.0.0.1', {listening.getsockname()[1]}))"
        assert "PermissionError" in run(whole, source).printed
        with pytest.raises(TimeoutError):
            listening.recv(100)
        holed = without("seccomp")
        assert run(holed, source).how == ""
        assert listening.recv(100) == b"the questions"


def test_seccomp_refuses_other_processes(whole, without):
    source = DONE + "import os, sys\nif os.fork() == 0: os._exit(0)\nprint('forked')"
    assert "PermissionError" in run(whole, source).printed
    holed = without("seccomp", "rlimits")
    assert run(holed, source).printed == "forked\n"


def test_seccomp_refuses_threads(whole, without):
    source = DONE + "import threading\nt = threading.Thread(target=print, args=('from a thread',))\nt.start()\nt.join()"
    assert "RuntimeError" in run(whole, source).printed
    holed = without("seccomp", "rlimits")
    assert run(holed, source).printed == "from a thread\n"


def test_seccomp_refuses_to_change_the_rights_of_files(whole, secret):
    secret.chmod(0o640)
    source = DONE + f"import os\nos.chmod({str(secret)!r}, 0o600)"
    assert "PermissionError" in run(whole, source).printed
    with sandbox_without("seccomp", "user") as holed:
        assert run(holed, source).how == ""
    assert secret.stat().st_mode & 0o777 == 0o600


def test_seccomp_alone_keeps_the_warm_process_alive(without):
    holed = without("landlock", "user")
    assert "PermissionError" in run(holed, KILL).printed


def test_landlock_alone_keeps_the_warm_process_alive():
    import landlock  # noqa: PLC0415

    if landlock.landlock_abi_version() < 6:
        pytest.skip("this kernel's Landlock knows nothing of signals yet")
    with sandbox_without("seccomp", "user") as holed:
        assert "PermissionError" in run(holed, KILL).printed


def test_without_both_a_file_ends_the_warm_process_and_it_is_told():
    with sandbox_without("landlock", "seccomp", "user") as holed:
        assert run(holed, KILL).how == "ended the process that started it"
        assert run(holed, DONE).how == ""


def test_the_limits_of_memory_hold(whole, without):
    source = DONE + "import numpy\nx = numpy.empty(1 << 27)"
    assert run(whole, source).how == "ran out of memory (128 MB)"
    holed = without("rlimits")
    assert run(holed, source).how == ""


def test_the_limits_of_files_hold(whole, without):
    source = DONE + "open('big', 'wb').truncate(1 << 30)"
    assert "File too large" in run(whole, source).printed
    holed = without("rlimits")
    assert run(holed, source).how == ""


def test_no_descriptor_leads_to_the_grader(whole):
    source = "import os, time\nos.write(0, b'{\"ended\": true}\\n')\ntime.sleep(5)\nos._exit(3)"
    assert "Bad file descriptor" in run(whole, source).printed
    with sandbox_without("descriptors") as holed:
        assert run(holed, source).how == "ended by signal 9 (SIGKILL)"  # it had not ended when that was believed


def test_the_clock_is_the_graders(whole):
    source, limits = DONE + "import time; time.sleep(0.6)", Limits(0.2, 128)
    assert run(whole, source, limits=limits).how == "had not finished after 0.2 s"
    with sandbox_without("clock") as holed:
        assert run(holed, source, limits=limits).how == ""


@pytest.mark.parametrize("source", [DAEMON, BESIDE], ids=["a daemon", "a child beside it"])
def test_what_escapes_is_ended(source):
    with sandbox_without(*WITHOUT_LAWS) as sandbox:
        run_ = run(sandbox, DONE + source)
    assert "left" in run_.printed
    assert left(run_.printed) == []
    with sandbox_without(*WITHOUT_LAWS, "group") as holed:
        printed = run(holed, DONE + source).printed
    assert len(left(printed)) == 1


def test_what_escapes_is_ended_where_there_is_no_sandbox():
    with sandbox_without("rlimits", unsafe=True) as sandbox:
        run_ = run(sandbox, DONE + DAEMON)
    assert "left" in run_.printed
    assert left(run_.printed) == []


@needs_root
def test_root_has_no_rights_left():
    source = DONE + "print(*[line for line in open('/proc/self/status') if line.startswith('CapEff')])"
    with sandbox_without("landlock", "seccomp") as sandbox:
        assert "CapEff:\t0000000000000000" in run(sandbox, source).printed
    with sandbox_without("landlock", "seccomp", "user") as holed:
        assert "CapEff:\t0000000000000000" not in run(holed, source).printed
