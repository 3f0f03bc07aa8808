"""`snakemake --resources gpu=4`: four jobs at a time on four devices, which are so in name only."""

import subprocess
import sys
from itertools import pairwise

from helpers.studies import ROOT

SNAKEFILE = """
import os, sys

# Snakemake writes this path into a shell command without quotes; PATH knows no such trouble.
folder, sys.executable = os.path.split(sys.executable)
os.environ["PATH"] = os.pathsep.join([folder, *os.get_exec_path()])


rule all:
    input:
        expand("{job}.txt", job=range(8)),


rule embed:
    output:
        file="{job}.txt",
    resources:
        gpu=1,
    script:
        "hold.py"
"""
JOB = f"""
import pathlib, sys, time
sys.path.insert(0, {str(ROOT / "scripts")!r})
from plmbench.hardware.devices import free_position

with free_position(["0", "1", "2", "3"], "locks", poll=0.02) as position:
    start = time.monotonic()
    pathlib.Path(snakemake.output.file + ".started").touch()
    while len(list(pathlib.Path().glob("*.started"))) < 4:  # until four are at it
        time.sleep(0.02)
    with open(snakemake.output.file, "w") as file:
        print(position, start, time.monotonic(), file=file)
"""


def test_snakemake_with_gpu_4_runs_four_jobs_at_a_time_each_on_a_device_of_its_own(tmp_path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "hold.py").write_text(JOB)
    (tmp_path / "locks").mkdir()
    command = [sys.executable, "-m", "snakemake", "--cores", "8", "--resources", "gpu=4"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    jobs = [(tmp_path / f"{i}.txt").read_text().split() for i in range(8)]
    jobs = sorted((position, float(start), float(end)) for position, start, end in jobs)
    assert {position for position, _, _ in jobs} == set("0123")
    for (position, _, end), (next_position, start, _) in pairwise(jobs):
        assert position != next_position or end <= start
