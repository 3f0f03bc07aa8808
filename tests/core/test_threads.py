"""Threads of a job."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info

from plmbench.core.threads import VARIABLES, limited_threads

SCRIPTS = Path(__file__).parents[2] / "scripts"
LATE = """
import sys
sys.path.insert(0, sys.argv[1])
from plmbench.core.threads import limited_threads
with limited_threads(int(sys.argv[2])):
    import sklearn.linear_model, sklearn.neural_network
    from threadpoolctl import threadpool_info
    print(*{each["num_threads"] for each in threadpool_info()})
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_libraries_compute_with_as_many_threads_as_said_and_the_log_says_so(
    caplog, monkeypatch, threads
):
    for name in VARIABLES:
        monkeypatch.setenv(name, "7")  # what the test sets is put back
    with caplog.at_level(logging.INFO, "plmbench"), limited_threads(threads):
        blas = [each for each in threadpool_info() if each["user_api"] == "blas"]
    assert {each["num_threads"] for each in blas} == {threads}
    assert f"computing with {threads} thread(s): " in caplog.text
    assert f"{blas[0]['internal_api']} {threads}" in caplog.text


@pytest.mark.parametrize("threads", [1, 2])
def test_so_do_libraries_that_are_loaded_later(threads):
    command = [sys.executable, "-c", LATE, str(SCRIPTS), str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(threads)]
