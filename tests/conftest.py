"""Every test runs with the shapes in the signatures checked.

The packages import jaxtyping for the type checker only, so that using them needs NumPy and torch alone. Here
the names that their signatures use are made known to all modules, and beartype holds every call to its shapes.
"""

import builtins

import jaxtyping

for name in ("Bool", "Float", "Int", "UInt8"):
    setattr(builtins, name, getattr(jaxtyping, name))
jaxtyping.install_import_hook(["scratch", "torch_ref", "compare"], "beartype.beartype")
