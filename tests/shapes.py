"""Every test runs with the shapes in the signatures checked.

The packages import jaxtyping for the type checker only, so that using them needs NumPy and torch alone. Here
the names that their signatures use are made known to all modules, and beartype holds every call to its shapes.
"""

import builtins
from pathlib import Path

import beartype
import jaxtyping
import numpy
import pytest
import torch._dynamo  # what is first imported under the hook is compiled, as if it had no .pyc
import torch.utils.tensorboard  # noqa: F401

for name in ("Bool", "Float", "Int", "Integer", "UInt8"):
    setattr(builtins, name, getattr(jaxtyping, name))

ROOT = Path(__file__).parent.parent
COMPARE = [path for path in (ROOT / "compare").rglob("*.py") if "from jaxtyping import" in path.read_text()]
WITH_SHAPES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in COMPARE
]  # checks double a test's time

numbers_as_python_has_them = beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))  # an int is a float
jaxtyping.install_import_hook(["scratch", "torch_ref", *WITH_SHAPES], "shapes.numbers_as_python_has_them")
numpy.set_printoptions(threshold=20)  # a fault that is caught is described, with all its arrays


@pytest.fixture
def without_shapes():
    """For tests of whole checks: tens of thousands of calls, whose shapes other tests hold, at a third of the time."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
