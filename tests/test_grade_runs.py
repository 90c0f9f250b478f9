"""``backproof grade`` with processes that grade, and a sandbox: interrupted, killed, gone on with, and in parts."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import class_runs
import pytest
from class_runs import Class, small_class, states
from sandbox_runs import needs_sandbox
from submissions import RIGHT

SLURM = Path(__file__).parents[1] / "examples" / "slurm" / "grade.sbatch"
SLOW = "import time\ntime.sleep(0.4)\nimport os\nos._exit(0)\n"
CLASS = dict.fromkeys(("ben", "dan", "eve", "max"), SLOW) | {"noa": "def sigmoid(z:\n", "zoe": RIGHT}
FORKED = "import compare.grade.pool as pool; pool.START = 'fork'; main(arguments)"  # from what has torch already


@pytest.fixture(scope="module")
def whole(server, tmp_path_factory):
    """A class graded by one command: interrupted, killed, and left alone; how each ended, and what was there then."""
    made, ends, there, started = Class(tmp_path_factory.mktemp("whole")), [], [], []
    made.hands_in(**CLASS)
    for when in (interrupt, kill, None):
        how = {} if when is interrupt else {"code": FORKED}
        run = server.start(made.folder, made.command("--processes", "1", "--format", "gradescope"), **how)
        if when:
            when(run, made, started)
        ends.append(run.ends())
        there.append(states(made.out))
        end(started)
    return made, ends, there


def interrupt(run, made, _):
    """Ctrl-C, soon after the first."""
    run.interrupt_when(lambda: len(results(made)) > 0, after=0.1)


def kill(run, made, started):
    """SIGKILL, as soon as there is one more."""
    before = len(results(made))
    run.interrupt_when(
        lambda: len(results(made)) > before and started.extend(children(run.pid)) is None, signal.SIGKILL
    )


def results(made):
    """Of those who have been graded: what is written last."""
    return list(made.out.glob("*/result.json"))


def graded(there):
    """The files of those; of another one a page can be there already."""
    return {path: state for path, state in there.items() if path.with_name("result.json") in there}


@needs_sandbox
def test_a_class_is_graded_with_exit_code_0_whatever_its_files_do(whole):
    made, (*_, (code, out, err)), _ = whole
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == f"1 graded, 5 not gradable, 0 not graded; {made.out / 'class.html'}"
    assert [(row["student_id"], row["score"]) for row in table(made.out)] == [
        *((student, "0") for student in sorted(CLASS) if student != "zoe"),
        ("zoe", "6"),
    ]
    assert json.loads((made.out / "zoe" / "gradescope.json").read_text(encoding="utf-8"))["score"] == 6


def table(folder):
    with (folder / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@needs_sandbox
def test_what_is_done_by_ctrl_c_is_kept_with_exit_code_130_and_told(whole):
    _, ((code, out, err), *_), (there, *_) = whole
    count = len({path.parent for path in there})
    assert (code, err) == (130, "")
    assert 1 <= count < 6
    assert out.splitlines()[-2].startswith(f"0 graded, {count} not gradable, 0 not graded; ")
    assert out.splitlines()[-1] == f"interrupted after {count} of 6; the same command goes on"


@needs_sandbox
def test_a_killed_run_loses_nothing_and_nobody_is_graded_twice(whole):
    _, (_, (code, _, _), (_, out, _)), (first, second, third) = whole
    done = {path.parent for path in graded(second)}
    assert code == -signal.SIGKILL
    assert first.items() <= graded(second).items() <= third.items()
    assert len({path.parent for path in first}) < len(done) < 6
    assert out.startswith(f"{len(done)} of 6 are graded already\n")
    assert {path.name for path in third} == {"result.json", "page.html", "gradescope.json"}
    assert len(third) == 18


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def end(pids):
    """Those that a killed process has left behind, and their sandboxes."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def test_the_slurm_script_grades_a_class_in_parts_and_its_whole_is_that_of_one_run(tmp_path):
    program = tmp_path / "bin" / "backproof"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{class_runs.__file__}" "$@"\n')
    program.chmod(0o755)
    with small_class(**CLASS) as made:
        assert made.grade()[0] == 0
        script = ["bash", str(SLURM), str(made.folder / "class"), str(made.folder / "assignment.toml"), "results"]
        path = {"PATH": f"{program.parent}:{os.environ['PATH']}"}
        tasks = [
            subprocess.Popen(script, cwd=tmp_path, env=os.environ | path | task, stdout=subprocess.DEVNULL)
            for part in (1, 2, 3)
            for task in [{"SLURM_ARRAY_TASK_ID": str(part), "SLURM_ARRAY_TASK_COUNT": "3"}]
        ]
        assert [task.wait(timeout=120) for task in tasks] == [0, 0, 0]
        done = subprocess.run(script, cwd=tmp_path, env=os.environ | path, capture_output=True, text=True, check=True)
        assert done.stdout == "6 graded, 0 not gradable, 0 not graded; results/whole/class.html\n"
        merged = tmp_path / "results" / "whole"
        assert (merged / "gradebook.csv").read_bytes() == (made.out / "gradebook.csv").read_bytes()
        assert {path.name for path in merged.iterdir()} == {path.name for path in made.out.iterdir()}
    parts = [{student for student in CLASS if (tmp_path / "results" / part / student).exists()} for part in "123"]
    assert parts == [{"dan", "eve"}, {"ben", "max", "noa", "zoe"}, set()]  # one of nobody
