"""Time and memory that Snakemake takes to plan a large study: a dry run of grids of rising size.

usage: python -m benchmarks.grid [GRID ...]

A grid is data sets x networks x weights x probes, in a folder of its own: a copy of the workflow,
made-up data, catalogue entries of networks whose files are empty, since a dry run opens none. It is
planned twice, from nothing, and with the sequences of every data set there, when the shards are
known. Writes benchmarks/results/grid/<processor>.tsv.
"""

import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import yaml

from benchmarks.tables import keep

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("Snakefile", "rules", "scripts", "config", "envs", "profiles", "resources/report")
LETTERS = "ACDEFGHIKLMNPQRSTVWY"


class Grid(NamedTuple):
    """The size of a study."""

    datasets: int
    networks: int
    seeds: int  # of each of two ablations
    probes: int


GRIDS = {
    "1e3": Grid(1, 12, 10, 3),
    "1e4": Grid(4, 30, 10, 3),
    "full": Grid(10, 30, 10, 3),
    "5e4": Grid(20, 30, 10, 3),
}


def write_table(path):
    """Write a small split."""
    draw = random.Random(path.name)  # noqa: S311 - made-up data
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["sequence", "target", "set"])
        for i in range(20):
            table.writerow(["".join(draw.choices(LETTERS, k=20)), i, "train" if i % 4 else "test"])


def write_study(root, grid):
    """Write the workflow and the catalogues of a grid into a new folder."""
    for name in COPIED:
        source, target = ROOT / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, target)
    (root / "network.pt").touch()
    network = {
        "family": "esm2",
        "path": "network.pt",
        "num_layers": 33,
        "hidden_size": 1280,
        "max_length": 1022,
    }
    models = {f"network_{i}": network for i in range(grid.networks)}
    datasets = {
        f"set_{i}": {"splits": {"only": {"path": f"set_{i}.csv"}}} for i in range(grid.datasets)
    }
    for name in datasets:
        write_table(root / f"{name}.csv")
    seeds = [f"{kind}-{i}" for kind in ("reinit", "resample") for i in range(grid.seeds)]
    config = {
        "tasks": list(datasets),
        "models": list(models),
        "weights": ["pretrained", *seeds],
        "probes": [f"ridge_{i}" for i in range(grid.probes)],
    }
    probes = {name: {"type": "ridge", "alphas": [1.0]} for name in config["probes"]}
    catalogues = {"config": config, "models": models, "datasets": datasets, "probes": probes}
    for name, content in catalogues.items():
        (root / f"config/{name}.yaml").write_text(yaml.safe_dump(content))


def planned(root):
    """Return the jobs that a dry run counts, its wall seconds, and its peak memory in bytes."""
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--dry-run", "--quiet", "rules"]
    with tempfile.TemporaryFile("w+") as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=root, stdout=said, stderr=said)  # noqa: S603
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        output = said.read()
    if process.returncode:
        sys.exit(output)
    total = next(line for line in output.splitlines() if line.startswith("total"))
    return int(total.split()[1]), seconds, usage.ru_maxrss * 1024


def measure(name):
    """Return one row: the plan of one grid; run in a process of its own, whose peak memory is its
    children's."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "study"
        write_study(root, GRIDS[name])
        for state in ("nothing", "sequences"):
            if state == "sequences":
                targets = [f"results/sequences/set_{i}.tsv" for i in range(GRIDS[name].datasets)]
                command = [
                    sys.executable,
                    "-m",
                    "snakemake",
                    "--cores",
                    "2",
                    *targets,
                    "--quiet",
                    "all",
                ]
                subprocess.run(command, cwd=root, check=True)  # noqa: S603
            jobs, seconds, peak = planned(root)
            yield {
                "grid": name,
                **GRIDS[name]._asdict(),
                "there": state,
                "jobs": jobs,
                "seconds": round(seconds, 1),
                "peak_mb": round(peak / 1e6),
            }


def main(names):
    """Measure the grids, and write their rows into the table."""
    for name in names or GRIDS:
        rows = list(measure(name))
        print(pd.DataFrame(rows).to_string(index=False), flush=True)
        keep("grid", rows, "grid", GRIDS)


if __name__ == "__main__":
    main(sys.argv[1:])
