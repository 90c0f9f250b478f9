"""A notebook is the Python that its code cells are, line by line; each check rejects the faults planted above it."""

from __future__ import annotations

import json
import re
import time

import pytest
from planted import faults

from compare.grade.finding import notebook
from compare.grade.finding.notebook import NotebookError, as_python, python_of

catches, test_a_planted_fault_is_caught = faults("compare.grade.finding.notebook")
CELL = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1}


def notebook_of(*sources, **metadata) -> bytes:
    """One of nbformat 4."""
    cells = [CELL | {"source": source} for source in sources]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}).encode()


def ran(source: bytes) -> dict:
    names = {}
    exec(compile(source, "cells", "exec"), names)
    return names


def test_the_code_cells_of_nbformat_4_are_the_file_and_text_is_not():
    whole = json.loads(notebook_of("a = 1", ["b = a + 1\n", "c = b + 1"]))
    whole["cells"].insert(1, {"cell_type": "markdown", "metadata": {}, "source": "# not = Python"})
    whole["cells"].append({"cell_type": "raw", "metadata": {}, "source": "nor this"})
    source = python_of(json.dumps(whole).encode())
    assert source == b"# cell 1\na = 1\n\n# cell 3\nb = a + 1\nc = b + 1\n"
    assert ran(source)["c"] == 3


def test_the_code_cells_of_nbformat_3_are_the_file():
    cells = [
        {"cell_type": "heading", "level": 1, "source": "Network"},
        {"cell_type": "code", "language": "python", "input": ["a = 1\n", "b = 2"], "outputs": []},
        {"cell_type": "code", "language": "python", "input": "c = a + b", "outputs": []},
    ]
    whole = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}
    assert ran(python_of(json.dumps(whole).encode()))["c"] == 3


MAGICS = {  # a cell, and what becomes of it
    "a line magic": ("%matplotlib inline\na = 1", "pass  # %matplotlib inline\na = 1"),
    "a shell command": ("!pip install numpy 'x\na = 1", "pass  # !pip install numpy 'x\na = 1"),
    "a magic in a block": ("if 1:\n    %time f()\na = 1", "if 1:\n    pass  # %time f()\na = 1"),
    "a magic over two lines": ("!pip \\\n  install\na = 1", "pass  # !pip \\\n#   install\na = 1"),
    "a question before": ("?len\na = 1", "pass  # ?len\na = 1"),
    "a question behind": ("np.dot?\nlen??\na = 1", "pass  # np.dot?\npass  # len??\na = 1"),
    "what a command gives": ("files = !ls\na = 1", "pass  # files = !ls\na = 1"),
    "what a magic gives": ("x, y = %time f()\na = 1", "pass  # x, y = %time f()\na = 1"),
    "a magic after a magic": ("!a (\n%b '\na = 1", "pass  # !a (\npass  # %b '\na = 1"),
    "a timed cell": ("%%time\na = 1", "pass  # %%time\na = 1"),
    "a cell of another language": ("%%bash\na = 1\nls", "# %%bash\n# a = 1\n# ls"),
    "a page": ("\n%%html\n<b>", "# \n# %%html\n# <b>"),
    "Windows' line ends": ("%time f()\r\na = 1\r\n", "pass  # %time f()\na = 1\n"),
}


@catches("lines left out", "_passed", lambda magic: "")
@catches("no magics", "MAGIC", re.compile("(?!)"))
@catches("other languages taken for Python", "RUNS_PYTHON", ("bash", "html", "time"))
def test_a_line_of_ipython_becomes_pass_and_all_others_stay_where_they_are():
    for cell, expected in MAGICS.values():
        assert as_python(cell) == expected
        compile(expected, "cell", "exec")
        assert expected.count("\n") == cell.replace("\r\n", "\n").count("\n")


PYTHON = {
    "a remainder on a line of its own": "a = (7\n     % 4)\n",
    "a remainder after a backslash": "a = 7 \\\n    % 4\n",
    "a format on a line of its own": 'a = ("%s"\n     %len("x"))\n',
    "a text with magics": "a = '''\n%time\n!ls\nwhat?\n'''\n",
    "a docstring": 'def f():\n    """Is it\n    right?\n    %d\n    """\n    return 1\n\n\na = f()\n',
    "a text with a quote": "a = 'it\\'s (' + \"[\" # '''\nb = 1\n",
    "a text over two lines": "a = 'one \\\n%two'\n",
    "unequal": "a = 1 != 2\nb = [1][0]\n",
    "brackets in a comment": "a = 1  # ((\nb = 2\n",
}


@catches("a magic in any line", "TOKEN", re.compile(r"\n"))
@catches("strings not known", "TOKEN", re.compile(r"\\\n|[()\[\]{}\n]"))
def test_python_stays_what_it_is():
    for cell in PYTHON.values():
        assert as_python(cell) == cell
        compile(cell, "cell", "exec")


def test_a_magic_after_any_python_is_known_as_one():
    for cell in PYTHON.values():
        assert as_python(f"{cell}%time f()\nz = 1") == f"{cell}pass  # %time f()\nz = 1"


def test_cells_in_which_a_teacher_tests_are_left_out():
    whole = json.loads(notebook_of("a = 1", "assert a == 2", "b = 3", "import math"))
    for cell, grade, solution in zip(whole["cells"][1:], (True, True, False), (False, True, False), strict=True):
        cell["metadata"] = {"nbgrader": {"grade": grade, "solution": solution, "locked": not solution}}
    source = python_of(json.dumps(whole).encode())
    assert b"assert" not in source
    assert ran(source)["b"] == 3
    assert b"import math" in source


BROKEN = {  # what is no notebook, and words of the sentence
    "no JSON": (b"a = 1\n", "not JSON"),
    "nothing": (b"", "not JSON"),
    "half of one": (notebook_of("a = 1")[:-9], "not JSON"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\xff", "not JSON"),
    "deep": (b"[" * 100_000, "not JSON"),
    "a long number": (b'{"cells": 1' + b"0" * 10_000 + b"}", "not JSON"),
    "a list": (b"[]", "no notebook that has cells"),
    "a number": (b"7", "no notebook that has cells"),
    "no cells": (b"{}", "no notebook that has cells"),
    "cells that are none": (b'{"cells": "code"}', "no notebook that has cells"),
    "cells of a number": (b'{"cells": 3}', "no notebook that has cells"),
    "a cell without a kind": (b'{"cells": [{}]}', "no notebook that has cells"),
    "a cell without a source": (b'{"cells": [{"cell_type": "code"}]}', "no notebook that has cells"),
    "a source of numbers": (b'{"cells": [{"cell_type": "code", "source": [1]}]}', "no notebook that has cells"),
    "a source of none": (b'{"cells": [{"cell_type": "code", "source": null}]}', "no notebook that has cells"),
    "another kernel": (
        notebook_of("x <- 1", kernelspec={"language": "R"}),
        "is a notebook in R; hand in one in Python",
    ),
    "another language": (notebook_of("x = 1", language_info={"name": "jul\nia"}), "is a notebook in jul ia;"),
}


@pytest.mark.parametrize(("data", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_notebook_is_one_sentence(data, words):
    with pytest.raises(NotebookError) as refused:
        python_of(data)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_byte_order_mark_and_half_a_character_are_no_problem():
    assert python_of(b"\xef\xbb\xbf" + notebook_of("a = 1")) == b"# cell 1\na = 1\n"
    assert python_of(notebook_of("a = '\ud800'")) == b"# cell 1\na = '?'\n"


def test_a_notebook_without_code_is_nothing():
    assert python_of(notebook_of()) == b""


LONG = 300_000
SLOW = {
    "quotes": '"""' * LONG,
    "escaped quotes": '\\"""' * LONG + "\\",
    "brackets": "(" * LONG,
    "names": "a" * LONG,
    "lists": "a[0]," * LONG,
    "questions": "a?" * LONG,
    "backslashes": "\\\n" * LONG,
    "magics": "%time\n" * LONG,
    "blanks": " " * LONG + "x",
    "blank lines": (" " * 300 + "\n") * 1000,
    "cell magics": "%%time\n" * LONG,
}


@pytest.mark.parametrize("cell", SLOW.values(), ids=SLOW.keys())
def test_no_cell_takes_long(cell):
    began = time.process_time()
    as_python(cell)
    assert time.process_time() - began < 10


def test_nothing_of_a_notebook_is_run(tmp_path):
    python_of(notebook_of(f"open({str(tmp_path / 'ran')!r}, 'w')", f"!touch {tmp_path / 'ran'}"))
    assert not (tmp_path / "ran").exists()
    assert not {"ast", "IPython", "nbformat"} & set(vars(notebook))
