"""The small study that most tests of the workflow start from, run once, and a cluster."""

import os

import pytest

from helpers.clusters import Cluster, in_use
from helpers.servers import Files, serving
from helpers.studies import Study, new_study


@pytest.fixture(scope="session")
def finished(once):
    """Return the small study after its run, in a folder with a space; copy it to change it."""

    def make(folder):
        new_study(folder).run()

    return Study(once("finished study", make))


@pytest.fixture
def study(finished, tmp_path):
    """Return a copy of the finished study, for one test alone."""
    return finished.copy(tmp_path / "a study")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Return a Cluster that is up, whose commands Snakemake finds."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    with in_use(Cluster(tmp_path_factory.mktemp("slurm"), int(worker))) as cluster:
        yield cluster


@pytest.fixture
def server():
    """Serve `files` on loopback until the test ends, and count `requests`."""
    with serving(Files) as server:
        yield server
