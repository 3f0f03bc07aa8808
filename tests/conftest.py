"""Fixtures for every test: folders and costly runs that the workers of pytest-xdist share."""

import os

import pytest
from filelock import FileLock


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
