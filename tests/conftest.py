"""Fixtures for every test: folders and costly runs that the workers of pytest-xdist share."""

import gc
import os
import signal
import time

import hypothesis
import pytest
from filelock import FileLock

from plmbench.core.threads import VARIABLES

# Workers share the cores, with what they start: threads would wait for each other.
for variable in VARIABLES:
    os.environ.setdefault(variable, "1")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # A shell starts what it puts in the background so, and what we start would not hear Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What a test checks does not hang on how busy the machine is.
hypothesis.settings.register_profile("plmbench", deadline=None)
hypothesis.settings.load_profile("plmbench")
START = time.monotonic()
# Continuous integration has an hour: slow tests that would start later than this are skipped.
SLOW_MINUTES = float(os.environ.get("SLOW_MINUTES", "inf"))


def pytest_collection_finish():
    """Spare garbage collection the thousands of tests: looking through them takes half a second."""
    gc.freeze()


def pytest_runtest_setup(item):
    if "slow" in item.keywords and time.monotonic() - START > 60 * SLOW_MINUTES:
        pytest.skip(f"the {SLOW_MINUTES:.0f} minutes of SLOW_MINUTES are over")


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory):
    """Return a temporary folder that all workers of this test run see."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def once(shared_folder):
    """Return `once(name, make)`: the folder `name`, filled by `make(folder)` in one worker."""

    def made(name, make):
        folder, part = shared_folder / name, shared_folder / f"{name} part"
        with FileLock(shared_folder / f"{name}.lock"):
            if not folder.exists():
                make(part)
                part.rename(folder)
        return folder

    return made
