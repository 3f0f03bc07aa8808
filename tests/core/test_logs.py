"""What a job's log says while it runs, and how a job ends."""

import subprocess
import sys
from pathlib import Path

from plmbench.core.logs import Progress, clock

ROOT = Path(__file__).resolve().parents[2]

ENDS = """
import atexit, sys
sys.path.insert(0, "scripts")
from plmbench.core.logs import run

class Job:
    log, rule = [sys.argv[1]], "embed"

def main(job):
    print("said")  # into a pipe, so into a buffer

atexit.register(print, "the process was taken apart")
run(main, Job)
"""


def test_a_line_of_progress_says_what_is_done_the_rate_and_the_time_left():
    progress = Progress(sequences=4000, residues=1_000_000)
    progress.advance(1000, 400_000)
    assert progress.line(100) == "1,000 of 4,000 sequences, 4,000 residues/s, 0:02:30 left"


def test_hours_stay_hours_above_a_day():
    assert clock(100 * 3600 + 61) == "100:01:01"


def test_a_job_ends_with_all_that_it_said_and_without_freeing_object_by_object(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", ENDS, tmp_path / "embed.log"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "said\n"
