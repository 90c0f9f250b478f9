"""What a file defines below the line at which it broke off: its functions do not need the data that it did not find."""

from __future__ import annotations

import ast
from types import ModuleType, TracebackType

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def define_below(module: ModuleType, source: bytes, path: str, error: BaseException) -> None:
    """Carry out the definitions, imports and constants that follow; nothing, where the file is no Python.

    What one of them raises is told when what it should have defined is called.
    """
    line = _line(module, path, error.__traceback__)
    for statement in ast.parse(source).body if line else ():
        if statement.lineno > line and _defines(statement):
            try:
                exec(compile(ast.Module([statement], []), path, "exec"), vars(module))
            except BaseException as e:  # whatever the code does, the process goes on
                error.add_note(f"{type(e).__name__}: {e}")


def _line(module: ModuleType, path: str, traceback: TracebackType | None) -> int:
    """The line of the file's own statement that led to the error; 0 if none did."""
    found = 0
    while traceback:
        frame = traceback.tb_frame
        if frame.f_globals is vars(module) and frame.f_code.co_filename == path and frame.f_code.co_name == "<module>":
            found = traceback.tb_lineno
        traceback = traceback.tb_next
    return found


def _defines(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        try:
            ast.literal_eval(statement.value or ast.Constant(None))
        except (ValueError, TypeError, MemoryError, RecursionError):
            return False
        return True
    return isinstance(statement, DEFINITIONS)
