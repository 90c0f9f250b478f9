"""What every test has: shapes that are checked, the command line, programs to rewrite; and interrupts as usual."""

import gc
import os
import signal
import sys

import pytest

for library in ("OMP", "OPENBLAS", "MKL"):  # a core for each process that runs tests: their threads would wait in turns
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

gc.disable()  # until all is imported
PLUGINS = ["shapes", "command_line", "rewritten"]  # in this order: shapes are checked in what is imported after it


def pytest_configure(config):
    """The plugins, but for the process that runs no tests itself, as others do: there, they would be imported first.

    Whoever starts the tests in the background may have Ctrl-C ignored, and what the tests start inherits that.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    others_run_them = config.getoption("numprocesses", None) and not hasattr(config, "workerinput")
    for name in PLUGINS if not others_run_them else ():
        config.pluginmanager.import_plugin(name)


def pytest_collection_finish():
    """What is imported by now stays: to look through torch's objects for garbage, again and again, takes long."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _closed():
    """A sandbox that some test has begun serves all those after it."""
    yield
    if one := sys.modules.get("grade_one"):
        one.close()


def pytest_unconfigure():
    """As it was: torch's libraries complain of what is left when the program ends."""
    gc.unfreeze()
