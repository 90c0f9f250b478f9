"""The autograder for Gradescope: what is in the zip, and what run_autograder does in the layout of a container.

Unpacked as Gradescope does it, with the interpreter of the tests in place of the container's. The cheaper half of the
submissions is graded by what run_autograder starts, in this process.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import stat
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import requires
from pathlib import Path
from string import Template

import pytest
from class_runs import ASSIGNMENT, call
from planted import faults
from sandbox_runs import needs_sandbox
from submissions import RIGHT

from compare.grade import autograder
from compare.grade.exporting import gradescope, scripts
from compare.grade.formats.words import NOT_GRADED
from compare.grade.sandbox import SandboxError

catches, test_a_planted_fault_is_caught = faults("compare.grade")
ROOT = Path(__file__).parents[1]
KEY = "0123456789abcdef"
WRONG = RIGHT.replace("@ w * a_l", "* 2 @ w * a_l")
EXIT = "import os\nos._exit(0)\n"
CURIOUS = """
for path in ("source/assignment.toml", "results/results.json"):
    try:
        print(open("FOLDER/" + path).read())
        open("FOLDER/" + path, "w").write("{}")
    except OSError as e:
        print(type(e).__name__)

def sigmoid(z):
    return z
"""


def exported(folder, *more, text=ASSIGNMENT):
    """The zip of an assignment, and how the command ended."""
    (folder / "assignment.toml").write_text(text, encoding="utf-8")
    given = ("--assignment", folder / "assignment.toml", "--out", folder / "autograder.zip", *more)
    return folder / "autograder.zip", call("export", "gradescope", *given)


@pytest.fixture(scope="module")
def zipped(tmp_path_factory):
    path, ends = exported(tmp_path_factory.mktemp("exported"))
    assert (ends[0], ends[2]) == (0, "")
    return path


def container(zipped, folder, submission, name="net.py"):
    """As Gradescope lays it out: the zip in source, its run_autograder in the root, and what a student handed in."""
    for part in ("source", "submission", "results"):
        (folder / part).mkdir(parents=True)
    with zipfile.ZipFile(zipped) as opened:
        opened.extractall(folder / "source")
        (folder / "run_autograder").write_bytes(opened.read("run_autograder"))
    (folder / "run_autograder").chmod(0o755)
    (folder / "submission" / name).write_text(submission.replace("FOLDER", str(folder)), encoding="utf-8")
    users = [{"email": "ada@example.org", "id": 1234, "name": "Ada"}]
    (folder / "submission_metadata.json").write_text(json.dumps({"id": 7, "users": users}))
    return folder


def start(folder, **environment):
    """run_autograder, as Gradescope starts it."""
    told = {"BACKPROOF_AUTOGRADER": str(folder), "BACKPROOF_PYTHON": sys.executable}
    command = [str(folder / "run_autograder")]
    return subprocess.Popen(
        command,
        cwd="/",
        env=os.environ | told | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def results(folder):
    """As Gradescope would read them: it asks for a score or for tests, of which one that was not graded has neither."""
    found = json.loads((folder / "results" / "results.json").read_text(encoding="utf-8"))
    assert found["stdout_visibility"] == "hidden"
    assert found["visibility"] in ("visible", "hidden", "after_due_date", "after_published")
    assert ("score" in found) == ("tests" in found) == (found["extra_data"]["status"] != "not graded")
    return found


def graded(zipped, submission, text=ASSIGNMENT, **more):
    """What run_autograder starts, in this process: the results, and its output."""
    with tempfile.TemporaryDirectory() as top, contextlib.redirect_stdout(io.StringIO()) as out:
        folder = container(zipped, Path(top) / "autograder", submission)
        (folder / "source" / "assignment.toml").write_text(text, encoding="utf-8")
        (folder / "results" / "results.json").write_text("not graded yet")
        with contextlib.redirect_stderr(out):
            autograder.main(folder, **more)
        return results(folder), out.getvalue()


# The zip


def test_the_zip_has_what_gradescope_asks_for_at_its_root_and_can_be_run(zipped):
    with zipfile.ZipFile(zipped) as opened:
        modes = {info.filename: info.external_attr >> 16 for info in opened.infolist()}
        assert {name for name in modes if "/" not in name} == {
            "setup.sh",
            "run_autograder",
            "assignment.toml",
            "LICENSE",
        }
        assert stat.filemode(modes["run_autograder"]) == stat.filemode(modes["setup.sh"]) == "-rwxr-xr-x"
        assert stat.filemode(modes["assignment.toml"]) == "-rw-r--r--"
        assert {info.create_system for info in opened.infolist()} == {3}
        assert opened.read("assignment.toml").decode() == ASSIGNMENT
        assert opened.read("run_autograder").startswith(b"#!/usr/bin/env bash\n")


def test_the_zip_has_the_whole_program_and_no_data(zipped):
    with zipfile.ZipFile(zipped) as opened:
        names = {name for name in opened.namelist() if "/" in name}
    ours = [path for package in gradescope.PACKAGES for path in (ROOT / package).rglob("*")]
    program = {path.relative_to(ROOT).as_posix() for path in ours if path.suffix in (".py", ".html")}
    assert names == program
    assert "compare/grade/telling/student.html" in names
    assert zipped.stat().st_size < 2_000_000


def test_of_the_same_assignment_the_zip_is_the_same_and_replaces_the_older(tmp_path):
    before = exported(tmp_path)[0].read_bytes()
    path, (code, out, err) = exported(tmp_path)
    assert (code, err) == (0, "")
    assert out.endswith("keep it from the students: it holds the course key\n")
    assert path.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"autograder.zip", "assignment.toml"}


def test_without_a_sandbox_the_consequence_is_said(tmp_path):
    path, (code, out, _) = exported(tmp_path, "--unsafe")
    assert code == 0
    assert "a submission can read the course key there, and write its own score" in out
    with zipfile.ZipFile(path) as opened:
        assert "compare.grade.autograder --unsafe " in opened.read("run_autograder").decode()


REFUSED = {  # what is given, and what the line says of it
    "no assignment": (["--assignment", "no.toml"], "no.toml cannot be read (No such file or directory)"),
    "a broken assignment": (["--assignment", "broken.toml"], "broken.toml: course_key is missing"),
    "no zip": (["--out", "autograder.tar"], "autograder.tar is no name of a zip; give one that ends with .zip"),
    "no folder": (["--out", "no/a.zip"], "no/a.zip cannot be written (No such file or directory); give a file"),
    "a folder": (["--out", "folder.zip"], "folder.zip cannot be written (Is a directory); give a file"),
    "another platform": (["moodle"], "unrecognized arguments: moodle"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_exported_is_one_line_with_exit_code_2_and_nothing_is_left(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("broken.toml").write_text('title = "a"\n[points]\nBP1 = 1\n')
    Path("folder.zip").mkdir()
    before = {path.name for path in tmp_path.iterdir()} | {"assignment.toml"}
    given, words = REFUSED[case]
    _, (code, out, err) = exported(tmp_path, *given)
    left = {path.name for path in tmp_path.iterdir()}
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("backproof: ")
    assert words in err
    assert left == before


# setup.sh

FAKE = """#!/bin/bash
echo "${0##*/} $*" >> "$LOG"
[ "$1" = -c ] && exit "$OLD"
[ "$2" = venv ] && mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
exit 0
"""


def set_up(zipped, folder, old):
    """The commands that setup.sh gives, where the system's Python is too old or not."""
    container(zipped, folder / "autograder", "")
    (folder / "bin").mkdir()
    for name in ("apt-get", "python3", "python3.11"):
        (folder / "bin" / name).write_text(FAKE)
        (folder / "bin" / name).chmod(0o755)
    log, path = folder / "log", f"{folder / 'bin'}:/usr/bin:/bin"
    environment = {"PATH": path, "LOG": str(log), "OLD": old, "BACKPROOF_AUTOGRADER": str(folder / "autograder")}
    subprocess.run(["bash", folder / "autograder" / "source" / "setup.sh"], env=environment, check=True)
    return log.read_text().splitlines()


@pytest.mark.parametrize(("old", "python"), [("0", "python3"), ("1", "python3.11")])
def test_setup_makes_an_environment_with_what_grading_needs(zipped, tmp_path, old, python):
    commands = set_up(zipped, tmp_path, old)
    assert "apt-get install -y python3 python3-venv libseccomp2" in commands
    assert ("apt-get install -y python3.11 python3.11-venv" in commands) == (python == "python3.11")
    assert f"{python} -m venv {tmp_path / 'autograder' / 'venv'}" in commands
    (installed,) = [command for command in commands if "-m pip install" in command]
    for requirement in scripts.needed(requires("backproof")):
        assert requirement in installed


def test_what_is_installed_are_the_requirements_that_are_of_no_extra_and_not_of_other_commands():
    names = [scripts.re.split(r"[^\w-]", requirement)[0] for requirement in scripts.needed(requires("backproof"))]
    assert {"numpy", "torch", "landlock", "pyseccomp", "pydantic", "jinja2", "junitparser", "rich"} <= set(names)
    assert not {*names} & {"pytest", "jax", "ruff", "tensorboard", "torchvision", "pillow", "safetensors"}
    known = {scripts.re.split(r"[^\w-]", requirement)[0] for requirement in requires("backproof")}
    assert known > scripts.NOT_NEEDED


# run_autograder


@pytest.fixture(scope="module")
def ran(zipped, tmp_path_factory):
    """Containers in which run_autograder has run, at once: each folder, its exit code and its output."""
    top = tmp_path_factory.mktemp("containers")
    not_installed = top / "not installed"
    for package in scripts.NOT_NEEDED | {"PIL"}:
        (not_installed / package).mkdir(parents=True)
        (not_installed / package / "__init__.py").write_text("raise ImportError('it is not in the container')")
    folders = {
        name: container(zipped, top / name, submission)
        for name, submission in {"right": RIGHT, "exit": EXIT, "broken": RIGHT}.items()
    }
    (folders["broken"] / "source" / "compare" / "grade" / "store.py").write_text("def (")
    (folders["broken"] / "results").rmdir()
    more = {name: {"PYTHONPATH": str(not_installed)} for name in ("right", "exit")}
    started = {name: start(folder, **more.get(name, {})) for name, folder in folders.items()}
    outputs = {name: process.communicate(timeout=300)[0] for name, process in started.items()}
    return {name: (folders[name], started[name].returncode, outputs[name]) for name in folders}


@needs_sandbox
def test_a_right_file_gets_all_points(ran):
    folder, code, _ = ran["right"]
    found = results(folder)
    assert (code, found["score"], found["extra_data"]["status"]) == (0, 6, "graded")
    assert [test["status"] for test in found["tests"]] == ["passed"] * 4
    assert len(found["extra_data"]["key"]) == 64


@needs_sandbox
def test_a_file_that_ends_the_process_gets_no_points(ran):
    folder, code, _ = ran["exit"]
    found = results(folder)
    assert (code, found["score"], found["extra_data"]["status"]) == (0, 0, "not gradable")
    assert "the file ended with exit code 0 before all answers were there when it was loaded" in found["output"]


def test_a_broken_program_is_not_the_students_fault_and_the_teacher_sees_why(ran):
    folder, code, output = ran["broken"]
    assert (code, results(folder)["output"]) == (0, NOT_GRADED)
    assert "SyntaxError" in output


@catches("no result beforehand", "exporting.scripts.RUN", Template(scripts.RUN.template.replace("cat > ", "cat # ")))
@catches("a grader's exit code", "exporting.scripts.RUN", Template(scripts.RUN.template.replace("exit 0", "exit $$?")))
def test_without_an_interpreter_there_is_a_result_that_says_so():
    with tempfile.TemporaryDirectory() as top:
        zipped, _ = exported(Path(top))
        folder = container(zipped, Path(top) / "autograder", RIGHT)
        started = start(folder, BACKPROOF_PYTHON="/nowhere/python")
        output = started.communicate(timeout=60)[0]
        assert (folder / "results" / "results.json").exists()
        assert (started.returncode, results(folder)["output"]) == (0, NOT_GRADED)
        assert "/nowhere/python" in output


@needs_sandbox
@pytest.mark.usefixtures("without_shapes")
def test_a_wrong_file_gets_the_points_of_what_is_right(zipped):
    found, _ = graded(zipped, WRONG)
    assert {test["name"][:4]: test["status"] for test in found["tests"]} == {
        "sigm": "passed",
        "BP1:": "passed",
        "BP2:": "failed",
        "BP4:": "passed",
    }
    assert found["score"] == 4


@needs_sandbox
def test_a_syntax_error_is_told_with_its_line_and_a_missing_file_is_told(zipped):
    found, _ = graded(zipped, "a = 1\ndef sigmoid(z:\n")
    assert (found["score"], found["extra_data"]["status"]) == (0, "not gradable")
    assert "line 2: is not Python" in found["output"]
    found, _ = graded(zipped, "")
    assert (found["score"], found["extra_data"]["status"]) == (0, "not gradable")
    assert "net.py is empty; hand in the file with the program" in found["output"]


def lets_anything(folder, student, assignment, unsafe):
    return SANDBOXED(folder, student, assignment, unsafe=True)


SANDBOXED = autograder.graded


@needs_sandbox
@catches("no sandbox", "autograder.graded", lets_anything)
def test_a_submission_cannot_read_the_course_key_nor_write_its_score():
    with tempfile.TemporaryDirectory() as top:
        zipped, _ = exported(Path(top))
        found, _ = graded(zipped, CURIOUS)
        assert KEY not in json.dumps(found)
        assert "PermissionError\nPermissionError" in found["output"]


def no_sandbox(unsafe=False):
    raise SandboxError("This kernel has no Landlock; give --unsafe to run submissions with all your rights.")


def zero(student, why):
    """A slip: a fault of the grader is the student's."""
    return autograder.Result(student, "not gradable", [], why)


@catches("a zero", "autograder._not_graded", zero)
def test_without_a_sandbox_nothing_is_run_and_the_teacher_is_told():
    with tempfile.TemporaryDirectory() as top, pytest.MonkeyPatch.context() as patch:
        zipped, _ = exported(Path(top))
        patch.setattr(autograder, "Sandbox", no_sandbox)
        found, output = graded(zipped, RIGHT)
        assert found["extra_data"]["status"] == "not graded"
        assert found["output"].startswith(NOT_GRADED)
        assert "For the teacher: not graded: no sandbox in this container. This kernel" in found["output"]
        assert "not graded: no sandbox" in output


@catches("a zero", "autograder._not_graded", zero)
def test_an_exception_of_the_grader_is_no_zero_and_its_words_are_for_the_teacher_alone():
    def breaks(*_):
        raise ValueError(f"the expected value is {KEY}")

    with tempfile.TemporaryDirectory() as top, pytest.MonkeyPatch.context() as patch:
        zipped, _ = exported(Path(top))
        patch.setattr(autograder, "graded", breaks)
        found, output = graded(zipped, RIGHT)
        assert found["extra_data"]["status"] == "not graded"
        assert "the grader broke off with ValueError; its output has the rest" in found["output"]
        assert KEY not in json.dumps(found)
        assert f"ValueError: the expected value is {KEY}" in output


def test_an_assignment_that_was_spoilt_is_not_the_students_fault(zipped):
    found, _ = graded(zipped, RIGHT, text="title = ")
    assert found["extra_data"]["status"] == "not graded"
    assert "assignment.toml is not TOML" in found["output"]


METADATA = {  # what submission_metadata.json has, and whose numbers are asked about
    "one": ('{"users": [{"id": 1234, "name": "Ada"}]}', "1234"),
    "a group, in any order": ('{"users": [{"id": 20}, {"id": 100}]}', "100+20"),
    "the same group": ('{"users": [{"id": 100}, {"id": 20}]}', "100+20"),
    "nobody": ('{"users": []}', "student"),
    "no ids": ('{"users": [{"name": "Ada"}]}', "student"),
    "no object": ("[]", "student"),
    "no JSON": ("{", "student"),
    "no file": (None, "student"),
}


@pytest.mark.parametrize("case", METADATA)
def test_the_student_is_whom_gradescope_names(case, tmp_path, capsys):
    text, student = METADATA[case]
    if text is not None:
        (tmp_path / "metadata.json").write_text(text)
    assert autograder.who(tmp_path / "metadata.json") == student
