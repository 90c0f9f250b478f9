"""Every test runs with the shapes in the signatures checked.

The packages import jaxtyping for the type checker only, so that using them needs NumPy and torch alone. Here
the names that their signatures use are made known to all modules, and beartype holds every call to its shapes.
"""

import builtins

import beartype
import jaxtyping

for name in ("Bool", "Float", "Int", "UInt8"):
    setattr(builtins, name, getattr(jaxtyping, name))

numbers_as_python_has_them = beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))  # an int is a float
jaxtyping.install_import_hook(["scratch", "torch_ref", "compare"], "conftest.numbers_as_python_has_them")
