"""Who may import whom, seen from outside: a new interpreter imports a package, and says what it has loaded.

The faults are planted in copies of the packages; a torch that is none stands in for torch, which takes long to load.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"scratch", "torch_ref", "compare"}
LOAD_ALL = """
import importlib, pkgutil, sys
before = set(sys.modules)
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(getattr(package, "__path__", []), package.__name__ + "."):
    importlib.import_module(module.name)
print(*{name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)
"""


def loaded(name: str, root: Path = ROOT) -> set[str]:
    """What an interpreter in that folder has loaded, beside Python's own, after importing all of the package."""
    command = [sys.executable, "-c", LOAD_ALL, name]
    return set(subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.split())


def mentioned(package: str, root: Path = ROOT) -> set[str]:
    """What any import statement of the package names, wherever it stands, but for Python's own."""
    names = set()
    for file in (root / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names |= {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
            names |= {node.module or "."} if isinstance(node, ast.ImportFrom) else set()
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names


@pytest.fixture
def plant(tmp_path: Path):
    """Copies the packages beside a torch that is none, and adds a line to a module there."""
    for package in OURS:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("MNIST", "__pycache__"))
    (tmp_path / "torch.py").touch()

    def add(line: str, module: str) -> Path:
        with (tmp_path / module).open("a", encoding="utf-8") as file:
            file.write(f"\n\n{line}\n")
        return tmp_path

    return add


def test_importing_all_of_scratch_loads_numpy_and_no_other_package():
    assert loaded("scratch") == {"scratch", "numpy"}


def test_importing_all_of_torch_ref_loads_neither_scratch_nor_compare():
    assert loaded("torch_ref") & OURS == {"torch_ref"}


def test_importing_the_witness_loads_neither_of_the_two_that_it_testifies_to_nor_torch():
    assert loaded("compare.witness") == {"compare", "numpy"}


def test_no_function_of_scratch_imports_more_when_it_is_called():
    assert mentioned("scratch") == {"scratch", "numpy", "jaxtyping"}


def test_no_function_of_torch_ref_imports_scratch_or_compare_when_it_is_called():
    assert mentioned("torch_ref") & OURS == {"torch_ref"}


@pytest.mark.parametrize(
    ("package", "line", "module", "forbidden"),
    [
        pytest.param("scratch", "import torch", "scratch/cost.py", "torch", id="torch in scratch"),
        pytest.param("scratch", "import torch", "scratch/new.py", "torch", id="torch in a new module of scratch"),
        pytest.param("scratch", "from compare import trace", "scratch/cost.py", "compare", id="compare in scratch"),
        pytest.param(
            "compare.witness", "import scratch.cost", "compare/witness.py", "scratch", id="scratch in witness"
        ),
        pytest.param("compare.witness", "import torch", "compare/__init__.py", "torch", id="torch beside witness"),
    ],
)
def test_a_forbidden_import_that_is_planted_is_found(plant, package, line, module, forbidden):
    root = plant(line, module)
    assert forbidden in loaded(package, root)


def test_an_import_that_waits_in_a_function_is_found(plant):
    root = plant("def late():\n    import torch", "scratch/cost.py")
    assert "torch" not in loaded("scratch", root)
    assert "torch" in mentioned("scratch", root)


@pytest.mark.parametrize("name", ["scratch", "compare"])
def test_another_of_our_packages_in_torch_ref_is_found(plant, name):
    root = plant(f"import {name}", "torch_ref/new.py")
    for path in (root / "torch_ref").iterdir():  # the others need torch itself
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in ("__init__.py", "new.py"):
            path.unlink()
    assert name in loaded("torch_ref", root)
    assert name in mentioned("torch_ref", root)
