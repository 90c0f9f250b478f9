"""An assignment is what its file says, or one sentence says why not; each check rejects the faults planted above it."""

from __future__ import annotations

import hmac
import json
import subprocess
import sys
import tomllib
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from command_line import write
from planted import faults
from pydantic import ValidationError
from submissions import RIGHT

from compare import cli
from compare.commands.assignment import assignment_file
from compare.grade.assignment import Assignment, Limits
from compare.grade.assignment_file import AssignmentError, load
from compare.grade.result import CHECKS
from compare.submission.conventions import ALLOWED

catches, test_a_planted_fault_is_caught = faults("compare.grade.assignment")
LEAST = """
title = "Homework 3"
course_key = "0123456789abcdef"
[points]
BP1 = 1
BP2 = 2.5
"""
ABOVE = LEAST.split("[points]", maxsplit=1)[0]


def loaded(folder: Path, text: str) -> Assignment:
    (folder / "task.toml").write_text(text, encoding="utf-8")
    return load(folder / "task.toml")


def least(**other) -> Assignment:
    given = {"title": "Homework 3", "course_key": "0123456789abcdef", "points": {"BP1": 1.0, "BP2": 2.5}}
    return Assignment(**given | other)


def test_a_file_with_what_is_needed_has_the_defaults_in_all_else(tmp_path):
    assert loaded(tmp_path, LEAST) == least()
    assert least().limits == Limits(seconds=10.0, megabytes=1024)
    assert (least().layers, least().trials, least().strict, least().hints) == (3, 1, False, "hint")


def test_everything_can_be_said(tmp_path):
    text = (
        'layers = 2\ntrials = 10\nstrict = true\nhints = "none"\nvisibility = "hidden"\nfile = "net.ipynb"\n'
        f"student = '^(?P<student>[a-z]+)'\n{LEAST}"
        '[conventions]\nweights = "in_out"\nbiases = "first-row"\n[limits]\nseconds = 2\nmegabytes = 512\n'
        '[prerequisites]\nBP2 = ["BP1"]\n'
    )
    assert loaded(tmp_path, text) == least(
        layers=2,
        trials=10,
        strict=True,
        hints="none",
        visibility="hidden",
        file="net.ipynb",
        student="^(?P<student>[a-z]+)",
        conventions={"weights": "in_out", "biases": "first row"},
        limits=Limits(seconds=2.0, megabytes=512),
        prerequisites={"BP2": ["BP1"]},
    )


REFUSED = {  # the text, and what the sentence says of it
    "no title": (LEAST.replace("title =", "#"), "title is missing; expected a line of 1 to 200 characters"),
    "no points": (ABOVE, "points is missing; expected a number from 0 to 1000000 for each check"),
    "no course key": (LEAST.replace("course_key =", "#"), "course_key is missing; expected a text of at least 16"),
    "another name for title": (
        LEAST.replace("title", "titel"),
        "titel is no key of an assignment; did you mean title?",
    ),
    "a key like no other": (f"zzz = 1\n{LEAST}", "zzz is no key of an assignment; there are title, course_key, layers"),
    "an empty title": (LEAST.replace("Homework 3", ""), "title is ''; expected a line of 1 to 200 characters"),
    "a title of two lines": (LEAST.replace("work 3", "\\nwork"), "title is 'Home\\nwork'; expected a line of"),
    "a title that is a number": (LEAST.replace('"Homework 3"', "3"), "title is 3; expected a line of 1 to 200"),
    "a short course key": (LEAST.replace("9abcdef", ""), "course_key has 9 characters; expected at least 16"),
    "a course key of another kind": (
        LEAST.replace('"0123456789abcdef"', "7"),
        "course_key is no text; expected a text",
    ),
    "no layers": (f"layers = 0\n{LEAST}", "layers is 0; expected a whole number from 1 to 4"),
    "BP2 of one layer": (
        f"layers = 1\n{LEAST}",
        "points.BP2 needs networks with a hidden layer; expected layers of 2 or more",
    ),
    "five layers": (f"layers = 5\n{LEAST}", "layers is 5; expected a whole number from 1 to 4"),
    "half a layer": (f"layers = 2.5\n{LEAST}", "layers is 2.5; expected a whole number from 1 to 4"),
    "layers as a text": (f'layers = "3"\n{LEAST}', "layers is '3'; expected a whole number from 1 to 4"),
    "layers that are true": (f"layers = true\n{LEAST}", "layers is true; expected a whole number from 1 to 4"),
    "no trials": (f"trials = 0\n{LEAST}", "trials is 0; expected a whole number from 1 to 10"),
    "eleven trials": (f"trials = 11\n{LEAST}", "trials is 11; expected a whole number from 1 to 10"),
    "strict as a number": (f"strict = 1\n{LEAST}", "strict is 1; expected true or false"),
    "hints of another kind": (f'hints = "all"\n{LEAST}', 'hints is \'all\'; expected "name", "hint" or "none"'),
    "visibility": (f'visibility = "no"\n{LEAST}', 'visibility is \'no\'; expected "visible", "after_due_date"'),
    "no regular expression": (f"student = '(?P<student>'\n{LEAST}", "student is '(?P<student>', which is no regular"),
    "no group": (f"student = '([^/]+)'\n{LEAST}", "student is '([^/]+)'; expected a regular expression with a group"),
    "a file of another kind": (
        f'file = "net.c"\n{LEAST}',
        "file is 'net.c'; expected the name of a .py or .ipynb file",
    ),
    "a check that is none": (f"{LEAST}BP5 = 1\n", "points.BP5 is no key of [points]; did you mean BP4?"),
    "a check in small letters": (f"{LEAST}bp4 = 1\n", "points.bp4 is no key of [points]; did you mean BP4?"),
    "points below 0": (f"{LEAST}BP3 = -1\n", "points.BP3 is -1; expected a number from 0 to 1000000"),
    "points without end": (f"{LEAST}BP3 = inf\n", "points.BP3 is inf; expected a number from 0 to 1000000"),
    "points that are none": (f"{LEAST}BP3 = nan\n", "points.BP3 is nan; expected a number from 0 to 1000000"),
    "points as a text": (f'{LEAST}BP3 = "1"\n', "points.BP3 is '1'; expected a number from 0 to 1000000"),
    "points that are true": (f"{LEAST}BP3 = true\n", "points.BP3 is true; expected a number from 0 to 1000000"),
    "points for nothing": (f"{ABOVE}[points]\nBP1 = 0\n", "points has none above 0; give points to one check at least"),
    "an empty table": (f"{ABOVE}[points]\n", "points has none above 0; give points to one check at least"),
    "points that are no table": (f"{ABOVE}points = 3\n", "points is 3; expected a number from 0 to 1000000 for each"),
    "a key below its place": (f"{LEAST}layers = 3\n", "points.layers is no key of [points]; put it above the first"),
    "a limit at the top": (f"seconds = 3\n{LEAST}", "seconds is no key of an assignment; put it under [limits]"),
    "a convention at the top": (
        f'cost = "full"\n{LEAST}',
        "cost is no key of an assignment; put it under [conventions]",
    ),
    "a check at the top": (f"BP4 = 1\n{LEAST}", "BP4 is no key of an assignment; put it under [points]"),
    "a limit that is none": (f"{LEAST}[limits]\nsecond = 3\n", "limits.second is no key of [limits]; did you mean sec"),
    "no time": (f"{LEAST}[limits]\nseconds = 0\n", "limits.seconds is 0; expected a number of seconds above 0, up to"),
    "time without end": (f"{LEAST}[limits]\nseconds = inf\n", "limits.seconds is inf; expected a number of seconds"),
    "time of two hours": (f"{LEAST}[limits]\nseconds = 7200\n", "limits.seconds is 7200; expected a number of seconds"),
    "no memory": (f"{LEAST}[limits]\nmegabytes = 0\n", "limits.megabytes is 0; expected a whole number from 256 to"),
    "all memory": (f"{LEAST}[limits]\nmegabytes = 99999\n", "limits.megabytes is 99999; expected a whole number from"),
    "limits that are no table": (f"limits = 3\n{LEAST}", "limits is 3; expected a table [limits]"),
    "a convention that is none": (f'{LEAST}[conventions]\nwidth = "no"\n', "conventions has the key 'width'; allowed"),
    "a form that is none": (f'{LEAST}[conventions]\ncost = "no"\n', "conventions['cost'] is 'no'; allowed are 'half'"),
    "a form as a number": (f"{LEAST}[conventions]\ncost = 1\n", "conventions['cost'] is 1; allowed are 'half'"),
    "forms that do not go together": (
        f'{LEAST}[conventions]\nbiases = "first row"\n',
        "conventions['biases'] is 'first row'; allowed are",
    ),
    "conventions that are no table": (f"conventions = 1\n{LEAST}", "conventions is 1; expected a table [conventions]"),
    "a prerequisite of no check": (
        f'{LEAST}[prerequisites]\nBP7 = ["BP1"]\n',
        "prerequisites.BP7 is no key of [prereq",
    ),
    "a prerequisite that is none": (
        f'{LEAST}[prerequisites]\nBP2 = ["bp1"]\n',
        "prerequisites.BP2 has 'bp1', which is no check; did you mean BP1?",
    ),
    "a prerequisite that is not run": (
        f'{LEAST}[prerequisites]\nBP2 = ["sigmoid"]\n',
        "prerequisites.BP2 is about sigmoid, which [points] leaves out; give it points there, or 0",
    ),
    "a prerequisite of what is not run": (
        f'{LEAST}[prerequisites]\nupdate = ["BP1"]\n',
        "prerequisites.update is about update, which [points] leaves out",
    ),
    "a prerequisite as a text": (
        f'{LEAST}[prerequisites]\nBP2 = "BP1"\n',
        "prerequisites.BP2 is 'BP1'; expected a list of checks for a check, as in BP2 = [\"BP1\"]",
    ),
    "a circle": (
        f'{LEAST}[prerequisites]\nBP1 = ["BP2"]\nBP2 = ["BP1"]\n',
        "prerequisites go round in a circle: BP",
    ),
    "a check that needs itself": (f'{LEAST}[prerequisites]\nBP1 = ["BP1"]\n', "circle: BP1, which needs BP1; take one"),
    "no TOML": (
        f"{LEAST}BP3 == 1\n",
        "is not TOML: Invalid value (at line 7, column 6); expected lines of key = value",
    ),
    "a key given twice": (f"{LEAST}BP1 = 2\n", "is not TOML: Cannot overwrite a value"),
}


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_used_is_one_sentence_with_the_file_and_the_key(tmp_path, text, words):
    with pytest.raises(AssignmentError) as refused:
        loaded(tmp_path, text)
    sentence = str(refused.value)
    assert words in sentence, sentence
    assert sentence.startswith(f"{tmp_path / 'task.toml'}"), "which file"
    assert "\n" not in sentence
    assert "pydantic" not in sentence


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path):
    (tmp_path / "latin.toml").write_bytes('title = "Übung"'.encode("latin-1"))
    for name, words in (("gone.toml", "No such file"), (".", "Is a directory"), ("latin.toml", "no text in UTF-8")):
        with pytest.raises(AssignmentError, match=words) as refused:
            load(tmp_path / name)
        assert str(refused.value).startswith(str(tmp_path / name))


@pytest.mark.parametrize("text", ["", "9abcdef"], ids=["whole", "shortened"])
def test_no_sentence_and_no_repr_gives_the_course_key_away(tmp_path, text):
    with pytest.raises(AssignmentError) as refused:
        loaded(tmp_path, "layers = 9\n" + LEAST.replace(text, ""))
    assert "01234567" not in str(refused.value)
    assert "01234567" not in repr(least())


def test_a_value_of_another_kind_is_no_value_in_python_either():
    with pytest.raises(ValidationError):
        least(layers="3")
    with pytest.raises(ValidationError):
        least().title = "another"


class Keyless:
    """An hmac that takes no notice of its key."""

    @staticmethod
    def digest(_, message, name):
        return hmac.digest(b"", message, name)


def only_some(keep):
    """json.dumps of a part of what is hashed only."""
    return type("json", (), {"dumps": staticmethod(lambda words, **_: json.dumps(keep(words)))})


SEEDS = list(product(("ada", "alan", "ada\0", "ADA", "a"), (0, 1, 11)))


@catches("one seed for all", "Assignment.seed", lambda a, student, trial: 7)
@catches("no student", "json", only_some(lambda words: words[1:]))
@catches("no trial", "json", only_some(lambda words: words[:2]))
@catches("no title", "json", only_some(lambda words: words[::2]))
@catches("words without a border", "json", only_some(lambda words: "".join(map(str, words))))
@catches("no course key", "hmac", Keyless)
@catches("signed", "Assignment.seed", lambda a, student, trial: hash((a.title, a.course_key, student, trial)) - 2**62)
def test_every_student_trial_title_and_course_has_a_seed_of_its_own():
    courses = [
        least(),
        least(title="Homework 31"),
        least(title="1Homework 3"),
        least(course_key="another course of it"),
    ]
    seeds = {course.seed(student, trial) for course in courses for student, trial in SEEDS}
    assert len(seeds) == len(courses) * len(SEEDS)
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert max(seeds) > 2**60, "all of its bits are used"
    firsts = {np.random.default_rng([seed, 3, 1]).random() for seed in seeds}
    assert len(firsts) == len(seeds), "numpy takes them as they are"


def test_a_seed_is_the_same_tomorrow():
    digest = hmac.new(b"0123456789abcdef", b'["ada", "Homework 3", 2]', "sha256").hexdigest()
    assert least().seed("ada", 2) == least(layers=1, points={"BP4": 1.0}).seed("ada", 2) == int(digest[:16], 16) // 2


CHANGES = {
    "title": "Homework 4",
    "course_key": "another key of it",
    "layers": 2,
    "trials": 2,
    "strict": True,
    "hints": "name",
    "conventions": {"cost": "full"},
    "points": {"BP1": 1.0, "BP2": 2.0},
    "prerequisites": {"BP2": ["BP1"]},
    "limits": Limits(seconds=3.0, megabytes=1024),
}


def without(*names):
    return set(names)


@catches("a fingerprint without the points", "NOT_GRADING", without("points"))
@catches("a fingerprint without the limits", "NOT_GRADING", without("limits"))
@catches("a fingerprint without the course key", "NOT_GRADING", without("course_key"))
@catches("a fingerprint of what changes nothing", "NOT_GRADING", without())
def test_the_fingerprint_is_of_all_that_changes_a_result_and_of_nothing_else():
    prints = {least(**{name: value}).fingerprint() for name, value in CHANGES.items()} | {least().fingerprint()}
    assert len(prints) == len(CHANGES) + 1
    assert set(CHANGES) | {"visibility", "student", "file"} == set(Assignment.model_fields), "every key is one or other"
    same = [least(visibility="hidden"), least(student="(?P<student>.)"), least(file="a.py"), least(layers=3)]
    assert {other.fingerprint() for other in same} == {least().fingerprint()}
    assert least(points={"BP2": 2.5, "BP1": 1.0}).fingerprint() == least().fingerprint(), "in any order"


@catches("circles let through", "TopologicalSorter", lambda graph: type("No", (), {"prepare": lambda self: None})())
def test_a_long_circle_is_refused_with_every_check_in_it():
    needs = {check: [before] for check, before in zip(CHECKS, CHECKS[-1:] + CHECKS[:-1], strict=True)}
    with pytest.raises(ValidationError) as refused:
        least(points=dict.fromkeys(CHECKS, 1.0), prerequisites=needs)
    assert all(check in str(refused.value) for check in CHECKS)


@catches("any key", "KEY_LENGTH", 0)
def test_a_course_key_that_can_be_guessed_is_refused():
    with pytest.raises(ValidationError, match="course_key has 15 characters"):
        least(course_key="0123456789abcde")


@catches("prerequisites that are not run", "Assignment._must_be_run", lambda *_: None)
def test_a_prerequisite_that_is_never_run_is_refused():
    with pytest.raises(ValidationError, match="leaves out"):
        least(prerequisites={"BP2": ["sigmoid"]})


def test_new_writes_an_assignment_that_works_with_its_template(backproof, tmp_path):
    code, out, err = backproof("assignment", "new", "homework-3")
    assert (code, err) == (0, "")
    assert all(words in out for words in ("homework-3/assignment.toml", "homework-3/template.py", "course key"))
    assignment = load(tmp_path / "homework-3" / "assignment.toml")
    assert assignment.title == "homework-3"
    assert tuple(assignment.points) == CHECKS
    assert len(assignment.course_key) >= 32
    text = (tmp_path / "homework-3" / "assignment.toml").read_text()
    template = (tmp_path / "homework-3" / "template.py").read_text()
    assert "def backprop(" in template
    assert '# one of ["together", "one", "one but update"]' in text
    write(RIGHT)
    assert backproof("check", "net.py", "--assignment", "homework-3/assignment.toml")[0] == 0
    code, out, err = backproof("assignment", "new", "homework-3")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "homework-3/assignment.toml is there already" in err
    assert (tmp_path / "homework-3" / "assignment.toml").read_text() == text


@pytest.mark.parametrize("kept", ["assignment.toml", "template.py"])
def test_new_writes_neither_file_where_one_is_there(backproof, tmp_path, kept):
    write("mine", kept)
    code, _, err = backproof("assignment", "new", ".")
    assert (code, err.count("\n")) == (2, 1)
    assert f"{kept} is there already" in err
    assert [path.name for path in tmp_path.iterdir() if path.suffix in (".toml", ".py")] == [kept]
    assert Path(kept).read_text() == "mine"


def test_new_follows_no_link_that_leads_nowhere(backproof, tmp_path):
    (tmp_path / "assignment.toml").symlink_to(tmp_path / "elsewhere.toml")
    assert backproof("assignment", "new", ".")[0] == 2
    assert not (tmp_path / "elsewhere.toml").exists()


def test_a_folder_that_cannot_be_written_to_is_one_sentence(backproof):
    write("a file", "taken")
    code, out, err = backproof("assignment", "new", "taken/folder")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "taken/folder cannot be written to" in err


def test_no_two_assignments_have_the_same_course_key():
    keys = {tomllib.loads(assignment_file("a title"))["course_key"] for _ in range(20)}
    assert len(keys) == 20


@pytest.mark.parametrize("title", ['"quoted" \\ and $', "日本語 δ", "two\nlines\x7f", "", "x" * 300])
def test_any_folders_name_makes_a_title(tmp_path, title):
    assert loaded(tmp_path, assignment_file(title)).title


def test_the_file_spells_out_every_key_with_its_default_and_a_comment():
    text = assignment_file("a title")
    table = tomllib.loads(text)
    assert set(table) == set(Assignment.model_fields)
    assert set(table["conventions"]) == set(ALLOWED)
    assert table["limits"] == Limits().model_dump()
    lines = text.splitlines()
    keys = [number for number, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    assert len(keys) == len(Assignment.model_fields) - 4 + len(ALLOWED) + len(CHECKS) + 1 + len(Limits.model_fields)
    assert all(lines[number - 1].startswith("# ") for number in keys)
    left_out = {name: getattr(least(), name) for name in ("layers", "trials", "strict", "hints", "visibility", "file")}
    assert {name: table[name] for name in left_out} == left_out
    assert max(map(len, lines)) <= 120


def test_check_takes_the_conventions_of_a_whole_assignment_and_no_other_key(backproof):
    columns = "import numpy as np\n\ndef sigmoid(z):\n    return 1 / (1 + np.exp(-z))\n"
    text = assignment_file("a title").replace('cost = "half"', 'cost = "no"')
    write(columns)
    write(text, "task.toml")
    code, out, err = backproof("check", "net.py", "--assignment", "task.toml")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "conventions['cost'] is 'no'" in err


def test_an_assignment_is_read_without_torch():
    code = "import sys, compare.grade.assignment, compare.grade.finding.submissions; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_the_command_alone_says_what_it_has(capsys):
    with pytest.raises(SystemExit):
        cli.main(["assignment", "--help"])
    assert "new" in capsys.readouterr().out
