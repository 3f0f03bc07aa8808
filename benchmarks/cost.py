"""Hold the estimate of `snakemake cost` to a finished study's benchmark files.

usage: python -m benchmarks.cost [FOLDER]

FOLDER is a clone in which a study is finished, the repository if absent. Finds out what the machine
does in a second, as `snakemake cost` does, and estimates the study anew. Writes
benchmarks/results/cost/<processor>.tsv: what a process of each kind takes to start, the plain
product of a core, and of each rule what was expected of the jobs that have a benchmark file, and
what these took.
"""

import argparse
import os
from pathlib import Path

import pandas as pd
import yaml

from benchmarks.machines import processor
from plmbench.study.catalogues import Study
from plmbench.study.cost import cost_table
from plmbench.study.cost_facts import Facts
from plmbench.study.cost_jobs import jobs_of
from plmbench.study.cost_machine import machine_for
from plmbench.study.cost_rates import read_rates
from plmbench.study.cost_sizes import Sizes
from plmbench.study.files import Files

ROUNDS = 3  # of the calibration, of which the best counts: others may use the machine, too
RESULTS = Path(__file__).resolve().parent / "results"
HELD = ["held_to", "measured_core_hours"]


def best_of(machines):
    """Return the quickest of each of several calibrations of one machine."""
    starts = {kind: min(m.starts[kind] for m in machines) for kind in machines[0].starts}
    return machines[0]._replace(starts=starts, product=max(m.product for m in machines))


def facts_in(folder):
    """Return the Facts of the study of config/config.yaml in a clone."""
    file = folder / "config/config.yaml"
    study = Study(yaml.safe_load(file.read_text(encoding="utf-8")), folder / "config", [file])
    sizes = Sizes(study, Files(study, folder))
    machine = best_of([machine_for(study) for _ in range(ROUNDS)])
    return Facts(study, sizes, read_rates(RESULTS), machine)


def rows_of(facts):
    """Yield what was found of the machine, and of each rule with benchmark files."""
    yield {"what": "product", "name": "float32", "operations_per_s": facts.machine.product}
    for kind, start in facts.machine.starts.items():
        yield {"what": "start", "name": kind, "cpu_s": start.seconds, "peak_mb": start.megabytes}
    table = cost_table(facts, jobs_of(facts.study, facts.sizes))
    held = table[table["measured_jobs"] > 0].groupby("rule", sort=False)
    for rule, row in held[["measured_jobs", *HELD]].sum().iterrows():
        estimate, measured = row[HELD] * 3600
        jobs = int(row["measured_jobs"])
        yield {
            "what": "rule",
            "name": rule,
            "jobs": jobs,
            "estimate_s": estimate,
            "cpu_s": measured,
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=RESULTS.parents[1])
    folder = parser.parse_args().folder.resolve()
    os.chdir(folder)  # where results are
    table = pd.DataFrame(rows_of(facts_in(folder)))
    path = RESULTS / "cost" / f"{processor()}.tsv"
    path.parent.mkdir(exist_ok=True)
    table.to_csv(path, sep="\t", index=False, float_format="%.4g")
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
